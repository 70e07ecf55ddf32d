/*
 * A plugin without ops, which runs whole decoders: one position after the other, layernorm and GELU's tanh form only.
 * Files that include this may define the first position that attention sees, what is kept of a key or value, and what
 * happens to the feed-forward block's hidden row before its activation.
 */
#include "stateless.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef FIRST_SEEN
#define FIRST_SEEN 0
#endif
#ifndef KEPT
#define KEPT(x) (x)
#endif
#ifndef BEFORE_ACTIVATION
#define BEFORE_ACTIVATION(m, layer) ((void)0)
#endif

typedef struct model {
    smb_model_spec spec;
    const smb_named_tensor *weights;
    size_t weight_count;
    float *x, *normal, *wide; /* of one position: width, width, and the widest row between two products */
    float *scores;            /* of one head: context */
    float *cache;             /* [batch × layers × 2 × context × width]: keys, then values */
} model;

static const float *weight(const model *m, const char *name, int layer)
{
    char full[64];
    if (layer < 0)
        snprintf(full, sizeof full, "%s", name);
    else
        snprintf(full, sizeof full, "layer.%d.%s", layer, name);
    for (size_t i = 0; i < m->weight_count; i++)
        if (strcmp(m->weights[i].name, full) == 0)
            return m->weights[i].tensor.data;
    return NULL;
}

static void normalise(const model *m, const char *gain, const char *bias, int layer)
{
    const float *g = weight(m, gain, layer), *b = weight(m, bias, layer);
    uint32_t width = m->spec.width;
    float mean = 0, variance = 0;
    for (uint32_t i = 0; i < width; i++)
        mean += m->x[i] / (float)width;
    for (uint32_t i = 0; i < width; i++)
        variance += (m->x[i] - mean) * (m->x[i] - mean) / (float)width;
    for (uint32_t i = 0; i < width; i++)
        m->normal[i] = (m->x[i] - mean) / sqrtf(variance + m->spec.eps) * g[i] + b[i];
}

/* out[n] += a[k] · b[k×n] + bias[n] */
static void add_product(float *out, const float *a, const float *b, const float *bias, uint32_t k, uint32_t n)
{
    for (uint32_t j = 0; j < n; j++)
        out[j] += bias ? bias[j] : 0;
    for (uint32_t p = 0; p < k; p++)
        for (uint32_t j = 0; j < n; j++)
            out[j] += a[p] * b[p * n + j];
}

static void attend(const model *m, float *keys, float *values, uint64_t position, uint64_t past_len)
{
    uint32_t width = m->spec.width, size = width / m->spec.heads;
    const float *q = m->wide;
    uint64_t first = FIRST_SEEN;
    (void)past_len;
    for (uint32_t i = 0; i < width; i++) {
        keys[position * width + i] = KEPT(q[width + i]);
        values[position * width + i] = KEPT(q[2 * width + i]);
    }
    memset(m->normal, 0, width * sizeof *m->normal);
    for (uint32_t h = 0; h < width; h += size) {
        float largest = -INFINITY, sum = 0;
        for (uint64_t j = first; j <= position; j++) {
            m->scores[j] = 0;
            for (uint32_t i = h; i < h + size; i++)
                m->scores[j] += q[i] * keys[j * width + i] / sqrtf((float)size);
            largest = fmaxf(largest, m->scores[j]);
        }
        for (uint64_t j = first; j <= position; j++)
            sum += m->scores[j] = expf(m->scores[j] - largest);
        for (uint64_t j = first; j <= position; j++)
            for (uint32_t i = h; i < h + size; i++)
                m->normal[i] += m->scores[j] / sum * values[j * width + i];
    }
}

static void step(const model *m, uint32_t id, uint32_t sequence, uint64_t position, uint64_t past_len)
{
    const smb_model_spec *s = &m->spec;
    uint32_t width = s->width;
    const float *token = weight(m, "token_embedding", -1), *place = weight(m, "position_embedding", -1);
    for (uint32_t i = 0; i < width; i++)
        m->x[i] = token[id * width + i] + place[position * width + i];
    for (int layer = 0; layer < (int)s->layers; layer++) {
        float *keys = m->cache + (uint64_t)(sequence * s->layers + layer) * 2 * s->context * width;
        normalise(m, "norm1.gain", "norm1.bias", layer);
        memset(m->wide, 0, 3 * width * sizeof *m->wide);
        add_product(m->wide, m->normal, weight(m, "qkv.weight", layer), weight(m, "qkv.bias", layer), width, 3 * width);
        attend(m, keys, keys + (uint64_t)s->context * width, position, past_len);
        add_product(m->x, m->normal, weight(m, "out.weight", layer), weight(m, "out.bias", layer), width, width);
        normalise(m, "norm2.gain", "norm2.bias", layer);
        memset(m->wide, 0, s->hidden * sizeof *m->wide);
        add_product(m->wide, m->normal, weight(m, "up.weight", layer), weight(m, "up.bias", layer), width, s->hidden);
        BEFORE_ACTIVATION(m, layer);
        for (uint32_t i = 0; i < s->hidden; i++) {
            float u = m->wide[i];
            m->wide[i] = u / 2 * (1 + tanhf(0.7978845608f * (u + 0.044715f * u * u * u)));
        }
        add_product(m->x, m->wide, weight(m, "down.weight", layer), weight(m, "down.bias", layer), s->hidden, width);
    }
    normalise(m, "norm.gain", "norm.bias", -1);
}

static smb_status forward(smb_context *context, void *handle, const smb_tensor *ids, uint64_t past_len,
                          const smb_tensor *logits, smb_error *error)
{
    const model *m = handle;
    const smb_model_spec *s = &m->spec;
    uint64_t new = ids->dims[0] / s->batch;
    int all = logits->dims[0] == ids->dims[0];
    float *row = logits->data;
    (void)context, (void)error;
    for (uint32_t sequence = 0; sequence < s->batch; sequence++)
        for (uint64_t i = 0; i < new; i++) {
            step(m, ((const uint32_t *)ids->data)[sequence * new + i], sequence, past_len + i, past_len);
            if (!all && i + 1 < new)
                continue;
            memset(row, 0, s->vocabulary * sizeof *row);
            add_product(row, m->normal, weight(m, "head.weight", -1), NULL, s->width, s->vocabulary);
            row += s->vocabulary;
        }
    return SMB_OK;
}

static void release(smb_context *context, void *handle)
{
    model *m = handle;
    (void)context;
    free(m->x), free(m->normal), free(m->wide), free(m->scores), free(m->cache), free(m);
}

static smb_status build(smb_context *context, const smb_model_spec *spec, const smb_named_tensor *weights,
                        size_t weight_count, void **handle, smb_error *error)
{
    uint32_t widest = spec->hidden > 3 * spec->width ? spec->hidden : 3 * spec->width;
    model *m;
    (void)context, (void)error;
    if (spec->normalisation != SMB_NORMALISATION_LAYERNORM || spec->activation != SMB_ACTIVATION_GELU_TANH)
        return SMB_UNSUPPORTED;
    m = malloc(sizeof *m);
    *m = (model){*spec, weights, weight_count, NULL, NULL, NULL, NULL, NULL};
    m->x = malloc(spec->width * sizeof(float));
    m->normal = malloc(spec->width * sizeof(float));
    m->wide = malloc(widest * sizeof(float));
    m->scores = malloc(spec->context * sizeof(float));
    m->cache = malloc(sizeof(float) * 2 * spec->batch * spec->layers * spec->context * spec->width);
    *handle = m;
    return SMB_OK;
}

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context, (void)id;
    return NULL;
}

static const void *extension(smb_context *context, const char *id)
{
    static const smb_model table = {sizeof table, 0, build, forward, release};
    (void)context;
    return strcmp(id, SMB_EXTENSION_MODEL) == 0 ? &table : NULL;
}

static const smb_api api = {.struct_size = sizeof api,
                            .name = "whole",
                            .version = "0.1.0",
                            .vendor = "smbench tests",
                            .create = create,
                            .destroy = destroy,
                            .op = op,
                            .extension = extension};

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_minor;
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
