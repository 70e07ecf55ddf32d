/* Leads the host to an extension table that is none. */
#include "stateless.h"

#include <string.h>

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context, (void)id;
    return NULL;
}

static const void *extension(smb_context *context, const char *id)
{
    (void)context, (void)id;
    return (const void *)16;
}

static const smb_api api = {.struct_size = sizeof api,
                            .name = "fake",
                            .version = "0.1.0",
                            .vendor = "smbench tests",
                            .create = create,
                            .destroy = destroy,
                            .op = op,
                            .extension = extension};

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_major, (void)host_minor;
    return &api;
}
