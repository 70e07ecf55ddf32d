/*
 * acme: a backend for smbench. What it must keep to is said in smbench.h.
 */
#include "smbench.h"

#include <stdio.h>
#include <string.h>

/* Says why a call fails, and answers `status`. */
static smb_status refuse(smb_error *error, smb_status status, const char *why)
{
    if (error != NULL)
        snprintf(error->message, sizeof error->message, "%s", why);
    return status;
}

static uint64_t elements(const smb_tensor *x)
{
    return x->dims[0] * x->dims[1] * x->dims[2] * x->dims[3]; /* those beyond the rank are 1 */
}

/* f32, row-major without gaps; the stride of a dimension of 1 is nobody's business. */
static int is_contiguous(const smb_tensor *x)
{
    int64_t stride = 1;
    for (uint32_t i = x->rank; i-- > 0; stride *= (int64_t)x->dims[i])
        if (x->dims[i] != 1 && x->strides[i] != stride)
            return 0;
    return x->dtype == SMB_F32;
}

/* ---- the ops ----------------------------------------------------------------------------------------------------- */

/* out = max(x, 0), element by element; NaN stays NaN. out may be x. */
static smb_status relu(smb_context *context, const void *raw, smb_error *error)
{
    const smb_relu_args *args = raw;
    const float *x = args->x.data;
    float *out = args->out.data;
    (void)context;
    if (args->header.struct_size < sizeof *args)
        return refuse(error, SMB_INVALID, "the arguments are shorter than this plugin knows them");
    if (!is_contiguous(&args->x) || !is_contiguous(&args->out))
        return refuse(error, SMB_UNSUPPORTED, "other than contiguous f32");
    for (uint64_t i = 0, n = elements(&args->x); i < n; i++)
        out[i] = x[i] < 0.0f ? 0.0f : x[i];
    return SMB_OK;
}

/* A line for each op. */
static const struct {
    const char *id;
    smb_op_fn run;
} ops[] = {
    {SMB_OP_RELU, relu},
};

/* ---- the plugin -------------------------------------------------------------------------------------------------- */

static smb_status create(const smb_create_args *args, smb_context **context, smb_error *error)
{
    static int nothing; /* no state: any address that is not NULL will do */
    const unsigned char *bytes = (const unsigned char *)args;
    for (size_t i = sizeof *args; i < args->struct_size; i++)
        if (bytes[i] != 0)
            return refuse(error, SMB_UNSUPPORTED, "a newer host asks for what this plugin does not know");
    if (args->option_count != 0)
        return refuse(error, SMB_UNSUPPORTED, "this plugin takes no options");
    *context = (smb_context *)&nothing;
    return SMB_OK;
}

static void destroy(smb_context *context)
{
    (void)context;
}

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i].id, id) == 0)
            return ops[i].run;
    return NULL;
}

static const smb_api api = {
    .struct_size = sizeof(smb_api),
    .flags = SMB_FLAGS_OF_BUILD,
    .name = "acme",
    .version = "0.1.0",
    .vendor = "acme",
    .create = create,
    .destroy = destroy,
    .op = op,
    .compiler = SMB_COMPILER,
};

SMB_EXPORT const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_minor;
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
