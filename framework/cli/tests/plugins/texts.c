/* Says NAME, which no terminal should be told. */
#include "stateless.h"

#include <stdlib.h>
#include <string.h>

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context, (void)id;
    return NULL;
}

/* Of ten megabytes. */
__attribute__((unused)) static const char *long_name(void)
{
    char *name = malloc((10 << 20) + 1);
    memset(name, 'x', 10 << 20);
    name[10 << 20] = 0;
    return name;
}

/* Sixteen of them are allowed; here is no end. */
__attribute__((unused)) static const char *const endless[] = {[0 ... 4095] = "avx"};

#ifndef TIERS
#define TIERS NULL
#endif

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    static smb_api api;
    (void)host_major, (void)host_minor;
    api = (smb_api){.struct_size = sizeof api,
                    .name = NAME,
                    .version = "0.1.0",
                    .vendor = "smbench tests",
                    .tiers = TIERS,
                    .create = create,
                    .destroy = destroy,
                    .op = op};
    return &api;
}
