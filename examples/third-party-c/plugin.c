/*
 * A backend as somebody else might ship it, in C11 that is C++17, too: two ops, an option, tensors of its own, receipts.
 */
#include "smbench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A tensor that is out; they end with their context at the latest. */
typedef struct block {
    struct block *next;
    void *data;
    size_t bytes;
} block;

/* A context: nothing in it is shared with another one. */
typedef struct context {
    int unrolled; /* option `unroll` */
    block *blocks;
    uint64_t acquired;
    uint64_t live_bytes;
} context;

/* Says why a call fails, and answers `status`. */
static smb_status refuse(smb_error *error, smb_status status, const char *why)
{
    if (error != NULL)
        snprintf(error->message, sizeof error->message, "%s", why);
    return status;
}

/* ---- ops --------------------------------------------------------------------------------------------------------- */

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

/* What every op here wants of its operands. */
static smb_status accept(const smb_args_header *header, size_t size, const smb_tensor *x, const smb_tensor *out,
                         smb_error *error)
{
    if (header->struct_size < size)
        return refuse(error, SMB_INVALID, "the arguments are shorter than this plugin knows them");
    if (!is_contiguous(x) || !is_contiguous(out))
        return refuse(error, SMB_UNSUPPORTED, "other than contiguous f32");
    if (elements(x) != elements(out))
        return refuse(error, SMB_INVALID, "out has another size than x");
    return SMB_OK;
}

/* out = factor · x. Four at a time if asked to: each is read before it is written, for out may be x. */
static smb_status scale(smb_context *raw_context, const void *raw, smb_error *error)
{
    const context *self = (const context *)(const void *)raw_context;
    const smb_scale_args *args = (const smb_scale_args *)raw;
    const float factor = args->factor, *x = (const float *)args->x.data;
    float *out = (float *)args->out.data;
    smb_status status = accept(&args->header, sizeof *args, &args->x, &args->out, error);
    if (status != SMB_OK)
        return status;
    uint64_t i = 0, n = elements(&args->x);
    for (; self->unrolled && i + 4 <= n; i += 4) {
        float a = factor * x[i], b = factor * x[i + 1], c = factor * x[i + 2], d = factor * x[i + 3];
        out[i] = a, out[i + 1] = b, out[i + 2] = c, out[i + 3] = d;
    }
    for (; i < n; i++)
        out[i] = factor * x[i];
    return SMB_OK;
}

/* out[j] = e^(x[j] - max) / Σ_j e^(x[j] - max). */
static void softmax_row(const float *x, float *out, uint64_t cols)
{
    float max = -INFINITY, sum = 0.0f;
    for (uint64_t j = 0; j < cols; j++)
        max = x[j] > max ? x[j] : max;
    for (uint64_t j = 0; j < cols; j++)
        sum += out[j] = expf(x[j] - max);
    for (uint64_t j = 0; j < cols; j++)
        out[j] /= sum;
}

static smb_status softmax(smb_context *raw_context, const void *raw, smb_error *error)
{
    const smb_softmax_args *args = (const smb_softmax_args *)raw;
    const float *x = (const float *)args->x.data;
    float *out = (float *)args->out.data;
    smb_status status = accept(&args->header, sizeof *args, &args->x, &args->out, error);
    (void)raw_context;
    if (status != SMB_OK)
        return status;
    if (args->causal)
        return refuse(error, SMB_UNSUPPORTED, "causal softmax");
    uint64_t n = elements(&args->x), cols = args->x.dims[args->x.rank - 1];
    for (uint64_t i = 0; i < n; i += cols)
        softmax_row(x + i, out + i, cols);
    return SMB_OK;
}

/* A line for each op: its id, its function, and what its receipt says. */
static const struct {
    const char *id;
    smb_op_fn run;
    const char *implementation;
} ops[] = {
    {SMB_OP_SCALE, scale, "one loop"},
    {SMB_OP_SOFTMAX, softmax, "three passes a row"},
};

enum { OPS = sizeof ops / sizeof *ops };

static smb_op_fn op(smb_context *raw, const char *id)
{
    (void)raw;
    for (int i = 0; i < OPS; i++)
        if (strcmp(ops[i].id, id) == 0)
            return ops[i].run;
    return NULL;
}

/* ---- extension memory -------------------------------------------------------------------------------------------- */

static smb_status acquire(smb_context *raw, smb_dtype dtype, uint32_t rank, const uint64_t *dims, size_t align,
                          uint32_t zeroed, smb_tensor *tensor, smb_error *error)
{
    context *self = (context *)(void *)raw;
    size_t bytes = 4; /* of an element of either type */
    if ((dtype != SMB_F32 && dtype != SMB_U32) || rank < 1 || rank > SMB_MAX_RANK)
        return refuse(error, SMB_UNSUPPORTED, "other than f32 and u32 of 1 to 4 dimensions");
    memset(tensor, 0, sizeof *tensor);
    tensor->dtype = dtype;
    tensor->rank = rank;
    for (uint32_t i = 0; i < SMB_MAX_RANK; i++)
        tensor->dims[i] = i < rank ? dims[i] : 1;
    for (uint32_t i = rank; i-- > 0; bytes *= dims[i])
        tensor->strides[i] = (int64_t)(bytes / 4);
    block *made = (block *)malloc(sizeof *made);
    size_t unit = align < sizeof(void *) ? sizeof(void *) : align;
    void *data = made == NULL ? NULL : aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
    if (data == NULL) {
        free(made);
        return refuse(error, SMB_OUT_OF_MEMORY, "no memory for a tensor");
    }
    if (zeroed)
        memset(data, 0, bytes);
    made->next = self->blocks;
    made->data = tensor->data = data;
    made->bytes = bytes;
    self->blocks = made;
    self->acquired++;
    self->live_bytes += bytes;
    return SMB_OK;
}

static void release(smb_context *raw, const smb_tensor *tensor)
{
    context *self = (context *)(void *)raw;
    for (block **at = &self->blocks; *at != NULL; at = &(*at)->next)
        if ((*at)->data == tensor->data) {
            block *gone = *at;
            *at = gone->next;
            self->live_bytes -= gone->bytes;
            free(gone->data);
            free(gone);
            return;
        }
}

/* There is no pool. */
static void trim(smb_context *raw)
{
    (void)raw;
}

static void stats(smb_context *raw, smb_memory_stats *result)
{
    const context *self = (const context *)(const void *)raw;
    smb_memory_stats ours;
    memset(&ours, 0, sizeof ours);
    ours.struct_size = result->struct_size;
    ours.acquired = self->acquired;
    ours.live_bytes = self->live_bytes;
    memcpy(result, &ours, ours.struct_size < sizeof ours ? ours.struct_size : sizeof ours);
}

/* ---- extension receipt ------------------------------------------------------------------------------------------- */

static void read_receipt(smb_context *raw, const char *id, smb_receipt *result)
{
    smb_receipt ours;
    (void)raw;
    memset(&ours, 0, sizeof ours);
    ours.struct_size = result->struct_size;
    ours.threads = 1;
    for (int i = 0; i < OPS; i++)
        if (strcmp(ops[i].id, id) == 0)
            snprintf(ours.implementation, sizeof ours.implementation, "%s", ops[i].implementation);
    memcpy(result, &ours, ours.struct_size < sizeof ours ? ours.struct_size : sizeof ours);
}

static const void *extension(smb_context *raw, const char *id)
{
    static const smb_memory memory = {sizeof memory, 0, acquire, release, trim, stats};
    static const smb_receipt_table receipts = {sizeof receipts, 0, read_receipt};
    (void)raw;
    if (strcmp(id, SMB_EXTENSION_MEMORY) == 0)
        return &memory;
    return strcmp(id, SMB_EXTENSION_RECEIPT) == 0 ? &receipts : NULL;
}

/* ---- the plugin -------------------------------------------------------------------------------------------------- */

/* Zero in what a newer host appended means "as before". */
static int knows(const smb_create_args *args)
{
    const unsigned char *bytes = (const unsigned char *)args;
    for (size_t i = sizeof *args; i < args->struct_size; i++)
        if (bytes[i] != 0)
            return 0;
    return 1;
}

static smb_status create(const smb_create_args *args, smb_context **made, smb_error *error)
{
    if (!knows(args))
        return refuse(error, SMB_UNSUPPORTED, "a newer host asks for what this plugin does not know");
    context *self = (context *)calloc(1, sizeof *self);
    if (self == NULL)
        return refuse(error, SMB_OUT_OF_MEMORY, "no memory for a context");
    for (size_t i = 0; i < args->option_count; i++) {
        if (strcmp(args->options[i].key, "unroll") != 0) {
            free(self);
            return refuse(error, SMB_UNSUPPORTED, "the only option is `unroll`");
        }
        self->unrolled = strcmp(args->options[i].value, "1") == 0;
    }
    *made = (smb_context *)(void *)self;
    return SMB_OK;
}

static void destroy(smb_context *raw)
{
    context *self = (context *)(void *)raw;
    if (self == NULL)
        return;
    for (block *at = self->blocks, *next; at != NULL; at = next) {
        next = at->next;
        free(at->data);
        free(at);
    }
    free(self);
}

SMB_EXPORT const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    static smb_api api; /* zero: what is not set below is not there */
    (void)host_minor;
    api.struct_size = sizeof api;
    api.flags = SMB_FLAGS_OF_BUILD;
    api.name = "third-party-c";
    api.version = "0.1.0";
    api.vendor = "smbench examples";
    api.create = create;
    api.destroy = destroy;
    api.op = op;
    api.extension = extension;
    api.compiler = SMB_COMPILER;
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
