/* An op of its own: the k largest of each row, in order. With -DWRONG=1 it forgets the order. */
#include "stateless.h"

#include <string.h>

#ifndef WRONG
#define WRONG 0
#endif

static double attribute(const smb_custom_args *args, const char *name)
{
    for (size_t i = 0; i < args->attribute_count; i++)
        if (strcmp(args->attributes[i].name, name) == 0)
            return args->attributes[i].value;
    return 0;
}

static smb_status topk(smb_context *context, const void *raw, smb_error *error)
{
    const smb_custom_args *args = raw;
    (void)context, (void)error;
    if (args->input_count != 1 || args->output_count != 1)
        return SMB_INVALID;
    const smb_tensor *x = &args->inputs[0], *out = &args->outputs[0];
    uint64_t cols = x->dims[1], k = (uint64_t)attribute(args, "k");
    if (k != out->dims[1])
        return SMB_INVALID;
    for (uint64_t row = 0; row < x->dims[0]; row++) {
        const float *from = (const float *)x->data + row * cols;
        float *to = (float *)out->data + row * k;
        uint64_t kept = 0;
        for (uint64_t i = 0; i < cols; i++) {
            uint64_t at = kept < k ? kept++ : k;
            if (at == k && from[i] <= to[k - 1])
                continue;
            for (at = at < k ? at : k - 1; at > 0 && to[at - 1] < from[i] && !(WRONG && at == 1); at--)
                to[at] = to[at - 1];
            to[at] = from[i];
        }
    }
    return SMB_OK;
}

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context;
    return strcmp(id, "acme.topk/1") == 0 ? topk : NULL;
}

static const char *const own[] = {"acme.topk/1", NULL};

static const smb_api api = {.struct_size = sizeof(smb_api),
                            .flags = SMB_FLAGS_OF_BUILD,
                            .name = "topk",
                            .version = "0.1.0",
                            .vendor = "acme",
                            .create = create,
                            .destroy = destroy,
                            .op = op,
                            .compiler = SMB_COMPILER,
                            .custom_ops = own};

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_minor;
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
