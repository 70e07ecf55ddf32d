/*
 * smbench peer `onednn`, for oneDNN 2.6 (Debian 12) and 3.x. Ops on rows are primitives, made once for each shape and
 * kept with their context, as oneDNN's users do. A product is a dnnl_sgemm, which takes b as it lies: the matmul
 * primitive packs it in every call, and took 24.7 µs for 1×512×512 where dnnl_sgemm took 7.3 (2.6.3 on Zen 5,
 * 2026-11-25).
 */
#include "peer.h"

#include <dnnl.h>
#include <dnnl_debug.h>
#include <omp.h>
#include <stdlib.h>

/* Leaves a function that answers a dnnl_status_t with the first that is no success. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        dnnl_status_t status = (call);                                                                                 \
        if (status != dnnl_success)                                                                                    \
            return status;                                                                                             \
    } while (0)

/* ---- oneDNN 2.x in the words of 3.x ------------------------------------------------------------------------------ */

#if DNNL_VERSION_MAJOR < 3
typedef dnnl_memory_desc_t *layout;
typedef const dnnl_memory_desc_t *const_layout;
typedef const_dnnl_primitive_attr_t attributes;

static dnnl_status_t dnnl_memory_desc_create_with_strides(layout *made, int rank, const dnnl_dims_t dims,
                                                          dnnl_data_type_t type, const dnnl_dims_t strides)
{
    *made = malloc(sizeof **made);
    return *made ? dnnl_memory_desc_init_by_strides(*made, rank, dims, type, strides) : dnnl_out_of_memory;
}

static void dnnl_memory_desc_destroy(layout of)
{
    free(of);
}

static dnnl_status_t dnnl_eltwise_forward_primitive_desc_create(dnnl_primitive_desc_t *made, dnnl_engine_t engine,
                                                                dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
                                                                const_layout x, const_layout out, float alpha,
                                                                float beta, attributes attributes)
{
    dnnl_eltwise_desc_t op;
    (void)out; /* laid out as x */
    TRY(dnnl_eltwise_forward_desc_init(&op, kind, algorithm, x, alpha, beta));
    return dnnl_primitive_desc_create(made, &op, attributes, engine, NULL);
}

static dnnl_status_t dnnl_softmax_forward_primitive_desc_create(dnnl_primitive_desc_t *made, dnnl_engine_t engine,
                                                                dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
                                                                const_layout x, const_layout out, int axis,
                                                                attributes attributes)
{
    dnnl_softmax_v2_desc_t op;
    TRY(dnnl_softmax_v2_forward_desc_init(&op, kind, algorithm, x, out, axis));
    return dnnl_primitive_desc_create(made, &op, attributes, engine, NULL);
}

static dnnl_status_t dnnl_layer_normalization_forward_primitive_desc_create(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_prop_kind_t kind, const_layout x, const_layout out,
    const_layout statistics, float eps, unsigned flags, attributes attributes)
{
    dnnl_layer_normalization_desc_t op;
    (void)out; /* laid out as x */
    TRY(dnnl_layer_normalization_forward_desc_init(&op, kind, x, statistics, eps, flags));
    return dnnl_primitive_desc_create(made, &op, attributes, engine, NULL);
}
#else
typedef dnnl_memory_desc_t layout;
#endif

/* ---- primitives, kept -------------------------------------------------------------------------------------------- */

enum op { MATMUL, GELU, SILU, RELU, SOFTMAX, LAYERNORM };

/* What a primitive is made for. All fields are equally wide: nothing lies between them when two are compared. */
typedef struct problem {
    int64_t op;         /* enum op, but no MATMUL */
    int64_t form;       /* of gelu */
    int64_t rows, cols; /* an op by the element has one row */
    double eps;         /* of layernorm */
} problem;

enum { MOST_OPERANDS = 4 };

/* A primitive and the memory objects through which it reads and writes. */
typedef struct kept {
    problem of;
    dnnl_primitive_t primitive;
    const char *implementation; /* in oneDNN's words */
    int operands;
    layout layouts[MOST_OPERANDS];
    dnnl_exec_arg_t arguments[MOST_OPERANDS + 1]; /* the operands, then what oneDNN wants to scribble on */
    struct kept *next;
} kept;

typedef struct context {
    int threads;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_attr_t attributes;
    kept *first; /* the last that ran */
} context;

static dnnl_alg_kind_t algorithm(const problem *of)
{
    switch (of->op) {
    case SILU:
        return dnnl_eltwise_swish;
    case RELU:
        return dnnl_eltwise_relu;
    default:
        return of->form == (int64_t)SMB_GELU_TANH ? dnnl_eltwise_gelu_tanh : dnnl_eltwise_gelu_erf;
    }
}

/* x, out, and of layernorm gamma and beta. */
static dnnl_status_t lay_out(kept *kept)
{
    int64_t rows = kept->of.rows, cols = kept->of.cols;
    kept->operands = kept->of.op == LAYERNORM ? 4 : 2;
    for (int i = 0; i < kept->operands; i++) {
        dnnl_dims_t matrix = {rows, cols}, apart = {cols, 1}, vector = {cols}, next = {1};
        layout *made = &kept->layouts[i];
        if (i < 2)
            TRY(dnnl_memory_desc_create_with_strides(made, 2, matrix, dnnl_f32, apart));
        else
            TRY(dnnl_memory_desc_create_with_strides(made, 1, vector, dnnl_f32, next));
    }
    return dnnl_success;
}

static dnnl_status_t describe(const context *context, const kept *kept, dnnl_primitive_desc_t *made)
{
    const problem *of = &kept->of;
    dnnl_engine_t engine = context->engine;
    const_dnnl_primitive_attr_t attributes = context->attributes;
    layout x = kept->layouts[0], out = kept->layouts[1];
    float alpha = of->op == SILU ? 1.0f : 0.0f; /* swish is x / (1 + e^(-alpha x)); of relu it is the slope below 0 */
    switch (of->op) {
    case SOFTMAX:
        return dnnl_softmax_forward_primitive_desc_create(made, engine, dnnl_forward_inference, dnnl_softmax_accurate,
                                                          x, out, 1, attributes);
    case LAYERNORM:
        return dnnl_layer_normalization_forward_primitive_desc_create(
            made, engine, dnnl_forward_inference, x, out, NULL, (float)of->eps, dnnl_use_scale | dnnl_use_shift,
            attributes);
    default:
        return dnnl_eltwise_forward_primitive_desc_create(made, engine, dnnl_forward_inference, algorithm(of), x, out,
                                                          alpha, 0.0f, attributes);
    }
}

static dnnl_status_t make_primitive(kept *kept, dnnl_engine_t engine, dnnl_primitive_desc_t description)
{
    static const int roles[MOST_OPERANDS] = {DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_SCALE, DNNL_ARG_SHIFT};
    dnnl_exec_arg_t *scratchpad = &kept->arguments[kept->operands];
    for (int i = 0; i < kept->operands; i++) {
        kept->arguments[i].arg = roles[i];
        TRY(dnnl_memory_create(&kept->arguments[i].memory, kept->layouts[i], engine, DNNL_MEMORY_NONE));
    }
    scratchpad->arg = DNNL_ARG_SCRATCHPAD;
    TRY(dnnl_memory_create(&scratchpad->memory,
                           dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0), engine,
                           DNNL_MEMORY_ALLOCATE));
    const_dnnl_primitive_desc_t own; /* lives as long as the primitive */
    TRY(dnnl_primitive_create(&kept->primitive, description));
    TRY(dnnl_primitive_get_primitive_desc(kept->primitive, &own));
    return dnnl_primitive_desc_query(own, dnnl_query_impl_info_str, 0, (void *)&kept->implementation);
}

static dnnl_status_t make(const context *context, kept *kept)
{
    dnnl_primitive_desc_t description = NULL;
    TRY(lay_out(kept));
    TRY(describe(context, kept, &description));
    dnnl_status_t status = make_primitive(kept, context->engine, description);
    dnnl_primitive_desc_destroy(description);
    return status;
}

static void discard(kept *kept)
{
    dnnl_primitive_destroy(kept->primitive);
    for (int i = 0; i <= MOST_OPERANDS; i++)
        dnnl_memory_destroy(kept->arguments[i].memory);
    for (int i = 0; i < MOST_OPERANDS; i++)
        dnnl_memory_desc_destroy(kept->layouts[i]);
    free(kept);
}

/* Finds the primitive, or makes it, and puts it first. */
static dnnl_status_t find(context *context, const problem *of, kept **found)
{
    kept **place = &context->first;
    while (*place != NULL && memcmp(&(*place)->of, of, sizeof *of) != 0)
        place = &(*place)->next;
    *found = *place;
    if (*found != NULL) {
        *place = (*found)->next;
    } else {
        *found = calloc(1, sizeof **found);
        if (*found == NULL)
            return dnnl_out_of_memory;
        (*found)->of = *of;
        dnnl_status_t status = make(context, *found);
        if (status != dnnl_success) {
            discard(*found);
            return status;
        }
    }
    (*found)->next = context->first;
    context->first = *found;
    return dnnl_success;
}

static dnnl_status_t execute(context *context, const problem *of, void *const data[])
{
    kept *kept = NULL;
    TRY(find(context, of, &kept));
    for (int i = 0; i < kept->operands; i++)
        TRY(dnnl_memory_set_data_handle(kept->arguments[i].memory, data[i]));
    TRY(dnnl_primitive_execute(kept->primitive, context->stream, kept->operands + 1, kept->arguments));
    return dnnl_stream_wait(context->stream);
}

static smb_status answer(dnnl_status_t status, smb_error *error)
{
    switch (status) {
    case dnnl_success:
        return SMB_OK;
    case dnnl_unimplemented:
        return refuse(error, SMB_UNSUPPORTED, "oneDNN does not implement it");
    case dnnl_out_of_memory:
        return refuse(error, SMB_OUT_OF_MEMORY, "oneDNN had no memory");
    default:
        return refuse(error, SMB_FAILED, dnnl_status2str(status));
    }
}

/* ---- ops --------------------------------------------------------------------------------------------------------- */

/* The context whose op is called. oneDNN takes as many threads as OpenMP allows the calling one, which may be any. */
static context *entered(smb_context *raw)
{
    context *context = (struct context *)raw;
    omp_set_num_threads(context->threads);
    return context;
}

/* `c = a · b`, on top of the bias where there is one. */
static smb_status matmul(smb_context *context, const void *raw, smb_error *error)
{
    const smb_matmul_args *args = raw;
    product of;
    smb_status status = product_of(args, &of, error);
    if (status != SMB_OK)
        return status;
    const float *a = args->a.data, *b = args->b.data;
    float *c = args->c.data, onto = put_bias(args, &of);
    char how = args->trans_b ? 'T' : 'N';
    entered(context);
    return answer(dnnl_sgemm('N', how, of.m, of.n, of.k, 1.0f, a, of.a_row, b, of.b_row, onto, c, of.c_row), error);
}

/* An op on the elements or the rows of x; gamma and beta are NULL but of layernorm. */
static smb_status on_rows(smb_context *context, problem of, const smb_tensor *x, const smb_tensor *out, void *gamma,
                          void *beta, smb_error *error)
{
    if (!is_contiguous(x) || !is_contiguous(out))
        return refuse(error, SMB_UNSUPPORTED, "other than contiguous f32 tensors");
    if (element_count(x) != element_count(out))
        return refuse(error, SMB_INVALID, "the sizes of the operands contradict each other");
    of.rows = of.op < SOFTMAX || x->rank == 1 ? 1 : (int64_t)x->dims[0];
    of.cols = (int64_t)element_count(x) / of.rows;
    return answer(execute(entered(context), &of, (void *[]){x->data, out->data, gamma, beta}), error);
}

static smb_status gelu(smb_context *context, const void *raw, smb_error *error)
{
    const smb_gelu_args *args = raw;
    if (!COMPLETE(args))
        return refuse(error, SMB_INVALID, SHORT);
    if (args->form != SMB_GELU_TANH && args->form != SMB_GELU_ERF)
        return refuse(error, SMB_UNSUPPORTED, "another form of gelu");
    return on_rows(context, (problem){.op = GELU, .form = args->form}, &args->x, &args->out, NULL, NULL, error);
}

static smb_status silu(smb_context *context, const void *raw, smb_error *error)
{
    const smb_silu_args *args = raw;
    if (!COMPLETE(args))
        return refuse(error, SMB_INVALID, SHORT);
    return on_rows(context, (problem){.op = SILU}, &args->x, &args->out, NULL, NULL, error);
}

static smb_status relu(smb_context *context, const void *raw, smb_error *error)
{
    const smb_relu_args *args = raw;
    if (!COMPLETE(args))
        return refuse(error, SMB_INVALID, SHORT);
    return on_rows(context, (problem){.op = RELU}, &args->x, &args->out, NULL, NULL, error);
}

static smb_status softmax(smb_context *context, const void *raw, smb_error *error)
{
    const smb_softmax_args *args = raw;
    if (!COMPLETE(args))
        return refuse(error, SMB_INVALID, SHORT);
    if (args->causal)
        return refuse(error, SMB_UNSUPPORTED, "oneDNN has no causal softmax");
    return on_rows(context, (problem){.op = SOFTMAX}, &args->x, &args->out, NULL, NULL, error);
}

static smb_status layernorm(smb_context *context, const void *raw, smb_error *error)
{
    const smb_layernorm_args *args = raw;
    if (!COMPLETE(args))
        return refuse(error, SMB_INVALID, SHORT);
    return on_rows(context, (problem){.op = LAYERNORM, .eps = args->eps}, &args->x, &args->out, args->gamma.data,
                   args->beta.data, error);
}

/* By enum op. */
static const struct {
    const char *id;
    smb_op_fn run;
} OPS[] = {{SMB_OP_MATMUL, matmul}, {SMB_OP_GELU, gelu},       {SMB_OP_SILU, silu},
           {SMB_OP_RELU, relu},     {SMB_OP_SOFTMAX, softmax}, {SMB_OP_LAYERNORM, layernorm}};
enum { OP_COUNT = sizeof OPS / sizeof *OPS };

/* ---- the table --------------------------------------------------------------------------------------------------- */

static void destroy(smb_context *raw)
{
    context *context = (struct context *)raw;
    if (context == NULL)
        return;
    while (context->first != NULL) {
        kept *kept = context->first;
        context->first = kept->next;
        discard(kept);
    }
    dnnl_primitive_attr_destroy(context->attributes);
    dnnl_stream_destroy(context->stream);
    dnnl_engine_destroy(context->engine);
    free(context);
}

static dnnl_status_t open_engine(context *context)
{
    TRY(dnnl_engine_create(&context->engine, dnnl_cpu, 0));
    TRY(dnnl_stream_create(&context->stream, context->engine, dnnl_stream_default_flags));
    TRY(dnnl_primitive_attr_create(&context->attributes));
    /* A scratchpad of oneDNN's own would be allocated anew by every call. */
    return dnnl_primitive_attr_set_scratchpad_mode(context->attributes, dnnl_scratchpad_mode_user);
}

static smb_status create(const smb_create_args *args, smb_context **made, smb_error *error)
{
    if (args->option_count > 0)
        return refuse(error, SMB_INVALID, "this plugin has no options");
    context *context = calloc(1, sizeof *context);
    if (context == NULL)
        return refuse(error, SMB_OUT_OF_MEMORY, "no memory for a context");
    context->threads = (int)args->threads;
    dnnl_status_t status = open_engine(context);
    if (status != dnnl_success) {
        destroy((smb_context *)context);
        return answer(status, error);
    }
    *made = (smb_context *)context;
    return SMB_OK;
}

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context;
    for (int i = 0; i < OP_COUNT; i++)
        if (strcmp(id, OPS[i].id) == 0)
            return OPS[i].run;
    return NULL;
}

/* oneDNN names its primitives, as in `jit:avx512_core`, but says nowhere how many threads took part. */
static void read(smb_context *raw, const char *id, smb_receipt *receipt)
{
    const kept *kept = ((const context *)raw)->first;
    while (kept != NULL && strcmp(id, OPS[kept->of.op].id) != 0)
        kept = kept->next;
    const char *otherwise = strcmp(id, SMB_OP_MATMUL) == 0 ? "dnnl_sgemm" : "";
    write_receipt(receipt, 0, "", kept != NULL ? kept->implementation : otherwise);
}

static const void *extension(smb_context *context, const char *id)
{
    static const smb_receipt_table receipts = {sizeof receipts, 0, read};
    (void)context;
    return strcmp(id, SMB_EXTENSION_RECEIPT) == 0 ? &receipts : NULL;
}

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    static char version[32];
    static const smb_api api = {.struct_size = sizeof api, .flags = SMB_FLAGS_OF_BUILD, .name = "onednn", .version = version,
                                .vendor = "uxlfoundation", .create = create, .destroy = destroy, .op = op,
                                .extension = extension, .compiler = SMB_COMPILER};
    const dnnl_version_t *of = dnnl_version();
    (void)host_minor;
    snprintf(version, sizeof version, "%d.%d.%d", of->major, of->minor, of->patch);
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
