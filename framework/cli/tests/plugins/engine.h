/*
 * A small engine: every op that a decoder can be composed of, none of them fused, and no memory of its own. Files that
 * include this define what they do beside their work, with one of the macros below.
 */
#include "stateless.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifndef NAME
#define NAME "engine"
#endif
#ifndef IN_MATMUL
#define IN_MATMUL
#endif
#ifndef IN_ADD
#define IN_ADD
#endif
#ifndef SOFTMAX_TIMES
#define SOFTMAX_TIMES 1
#endif

static uint64_t count(const smb_tensor *x)
{
    return x->dims[0] * x->dims[1] * x->dims[2] * x->dims[3];
}

static uint64_t rows_of(const smb_tensor *x)
{
    return x->rank == 1 ? 1 : x->dims[0];
}

static uint64_t cols_of(const smb_tensor *x)
{
    return x->rank == 1 ? x->dims[0] : x->dims[1];
}

static smb_status matmul(smb_context *context, const void *raw, smb_error *error)
{
    const smb_matmul_args *args = raw;
    const float *a = args->a.data, *b = args->b.data, *bias = args->bias.data;
    float *c = args->c.data;
    uint64_t m = args->a.dims[0], k = args->a.dims[1], n = args->c.dims[1];
    (void)context, (void)error;
    IN_MATMUL
    for (uint64_t i = 0; i < m; i++)
        for (uint64_t j = 0; j < n; j++) {
            float sum = bias ? bias[j] : 0;
            for (uint64_t p = 0; p < k; p++)
                sum += a[i * args->a.strides[0] + p]
                       * (args->trans_b ? b[j * args->b.strides[0] + p] : b[p * args->b.strides[0] + j]);
            c[i * args->c.strides[0] + j] = sum;
        }
    return SMB_OK;
}

static smb_status add(smb_context *context, const void *raw, smb_error *error)
{
    const smb_add_args *args = raw;
    const float *a = args->a.data, *b = args->b.data;
    float *out = args->out.data;
    (void)context, (void)error;
    IN_ADD
    for (uint64_t i = 0; i < count(&args->a); i++)
        out[i] = a[i] + b[i];
    return SMB_OK;
}

static smb_status scale(smb_context *context, const void *raw, smb_error *error)
{
    const smb_scale_args *args = raw;
    const float *x = args->x.data;
    float *out = args->out.data;
    (void)context, (void)error;
    for (uint64_t i = 0; i < count(&args->x); i++)
        out[i] = args->factor * x[i];
    return SMB_OK;
}

static smb_status gelu(smb_context *context, const void *raw, smb_error *error)
{
    const smb_gelu_args *args = raw;
    const float *x = args->x.data;
    float *out = args->out.data;
    (void)context, (void)error;
    if (args->form != SMB_GELU_TANH)
        return SMB_UNSUPPORTED;
    for (uint64_t i = 0; i < count(&args->x); i++)
        out[i] = 0.5f * x[i] * (1 + tanhf(0.7978845608f * (x[i] + 0.044715f * x[i] * x[i] * x[i])));
    return SMB_OK;
}

static void softmax_row(const float *x, float *out, uint64_t seen, uint64_t cols)
{
    float largest = x[0], sum = 0;
    for (uint64_t j = 0; j < seen; j++)
        largest = x[j] > largest ? x[j] : largest;
    for (uint64_t j = 0; j < seen; j++)
        sum += out[j] = expf(x[j] - largest);
    for (uint64_t j = 0; j < cols; j++)
        out[j] = j < seen ? out[j] / sum : 0;
}

static smb_status softmax(smb_context *context, const void *raw, smb_error *error)
{
    const smb_softmax_args *args = raw;
    uint64_t rows = rows_of(&args->x), cols = cols_of(&args->x);
    float *kept = malloc(cols * sizeof *kept);
    (void)context, (void)error;
    for (uint64_t i = 0; i < rows; i++) {
        memcpy(kept, (float *)args->x.data + i * cols, cols * sizeof *kept);
        for (int again = 0; again < SOFTMAX_TIMES; again++)
            softmax_row(kept, (float *)args->out.data + i * cols, args->causal ? i + 1 + cols - rows : cols, cols);
    }
    free(kept);
    return SMB_OK;
}

static smb_status layernorm(smb_context *context, const void *raw, smb_error *error)
{
    const smb_layernorm_args *args = raw;
    const float *gamma = args->gamma.data, *beta = args->beta.data;
    uint64_t rows = rows_of(&args->x), cols = cols_of(&args->x);
    (void)context, (void)error;
    for (uint64_t i = 0; i < rows; i++) {
        const float *x = (float *)args->x.data + i * cols;
        float *out = (float *)args->out.data + i * cols, mean = 0, variance = 0;
        for (uint64_t j = 0; j < cols; j++)
            mean += x[j] / cols;
        for (uint64_t j = 0; j < cols; j++)
            variance += (x[j] - mean) * (x[j] - mean) / cols;
        for (uint64_t j = 0; j < cols; j++)
            out[j] = (x[j] - mean) / sqrtf(variance + args->eps) * gamma[j] + beta[j];
    }
    return SMB_OK;
}

static smb_op_fn op(smb_context *context, const char *id)
{
    static const struct {
        const char *id;
        smb_op_fn run;
    } ops[] = {{SMB_OP_MATMUL, matmul},   {SMB_OP_ADD, add},         {SMB_OP_SCALE, scale},
               {SMB_OP_GELU, gelu},       {SMB_OP_SOFTMAX, softmax}, {SMB_OP_LAYERNORM, layernorm}};
    (void)context;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(id, ops[i].id) == 0)
            return ops[i].run;
    return NULL;
}

static const smb_api api = {.struct_size = sizeof(smb_api),
                            .name = NAME,
                            .version = "0.1.0",
                            .vendor = "smbench tests",
                            .create = create,
                            .destroy = destroy,
                            .op = op};

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_minor;
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
