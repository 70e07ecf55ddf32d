/*
 * What the plugins here share: a table with one op, `add`, right in all but what the file that includes this gets
 * wrong. Each defines `kernel`; some define one of the macros first.
 */
#include "stateless.h"

#include <stdlib.h>
#include <string.h>

#ifndef NAME
#define NAME "hostile"
#endif
#ifndef STRUCT_SIZE
#define STRUCT_SIZE sizeof(smb_api)
#endif
#ifndef FLAGS
#define FLAGS SMB_FLAGS_OF_BUILD
#endif
#ifndef CREATE
#define CREATE create
#endif
#ifndef DESTROY
#define DESTROY destroy
#endif
#ifndef OP
#define OP SMB_OP_ADD
#endif
/* More fields of the table. */
#ifndef TABLE
#define TABLE .extension = NULL
#endif

/* Calls in this process before the present one: a check makes some fifty, a launch many thousands. */
static uint64_t calls;
#define MORE_THAN_A_CHECK 2000

static void kernel(const float *a, const float *b, float *out, uint64_t n);

/* What `kernel` should do. */
__attribute__((unused)) static void add_right(const float *a, const float *b, float *out, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        out[i] = a[i] + b[i];
}

static smb_status add(smb_context *context, const void *raw, smb_error *error)
{
    const smb_add_args *args = raw;
    (void)context;
    (void)error;
    kernel(args->a.data, args->b.data, args->out.data, args->a.dims[0]);
    calls++;
    return SMB_OK;
}

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context;
    return strcmp(id, OP) == 0 ? add : NULL;
}

static const smb_api api = {.struct_size = STRUCT_SIZE,
                            .flags = FLAGS,
                            .name = NAME,
                            .version = "0.1.0",
                            .vendor = "smbench tests",
                            .create = CREATE,
                            .destroy = DESTROY,
                            .op = op,
                            .compiler = SMB_COMPILER,
                            TABLE};

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_minor;
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
