/* The smallest useful plugin: one op, one extension, no tiers. Reads like what a stranger would write. */

#include "smbench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct context {
    uint32_t threads;
} context;

static smb_status refuse(smb_error *error, smb_status status, const char *message)
{
    if (error != NULL)
        snprintf(error->message, sizeof error->message, "%s", message);
    return status;
}

static smb_status create(const smb_create_args *args, smb_context **out, smb_error *error)
{
    context *made;
    if (args->option_count != 0)
        return refuse(error, SMB_INVALID, "this backend takes no options");
    made = (context *)malloc(sizeof *made);
    if (made == NULL)
        return refuse(error, SMB_OUT_OF_MEMORY, "no memory for a context");
    made->threads = args->threads;
    *out = (smb_context *)made;
    return SMB_OK;
}

static void destroy(smb_context *ctx)
{
    free(ctx);
}

static uint64_t elements(const smb_tensor *tensor)
{
    return tensor->dims[0] * tensor->dims[1] * tensor->dims[2] * tensor->dims[3];
}

static smb_status scale(smb_context *ctx, const void *raw, smb_error *error)
{
    const smb_scale_args *args = (const smb_scale_args *)raw;
    const float *x = (const float *)args->x.data;
    float *out = (float *)args->out.data;
    (void)ctx;
    if (args->header.struct_size < sizeof *args)
        return refuse(error, SMB_INVALID, "the argument struct is too small");
    if (args->x.dtype != SMB_F32)
        return refuse(error, SMB_UNSUPPORTED, "f32 only");
    for (uint64_t i = 0; i < elements(&args->x); i++)
        out[i] = args->factor * x[i];
    return SMB_OK;
}

static void read_receipt(smb_context *ctx, const char *id, smb_receipt *receipt)
{
    (void)id;
    if (receipt->struct_size < sizeof *receipt)
        return;
    receipt->threads = ((context *)ctx)->threads;
    snprintf(receipt->tier, sizeof receipt->tier, "c");
    snprintf(receipt->implementation, sizeof receipt->implementation, "one loop");
}

static const smb_receipt_table receipts = {sizeof(smb_receipt_table), 0, read_receipt};

static smb_op_fn op(smb_context *ctx, const char *id)
{
    (void)ctx;
    return strcmp(id, SMB_OP_SCALE) == 0 ? scale : NULL;
}

static const void *extension(smb_context *ctx, const char *id)
{
    (void)ctx;
    return strcmp(id, SMB_EXTENSION_RECEIPT) == 0 ? &receipts : NULL;
}

/* In order, because C++17 has no designated initializers. */
static const smb_api api = {sizeof(smb_api), SMB_FLAGS_OF_BUILD, "c-plugin", "0.3.1", "smbench tests", NULL, create,
                            destroy, op, extension, SMB_COMPILER, NULL, NULL};

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_minor;
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
