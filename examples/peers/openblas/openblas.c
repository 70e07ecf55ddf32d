/*
 * smbench peer `openblas`: cblas_sgemm, and cblas_sgemv where `a` is one row, on the operands as they lie.
 */
#include "peer.h"

#include <cblas.h>
#include <limits.h>
#include <stdlib.h>

/* OpenBLAS has one number of threads for the whole process; each context remembers its own. */
typedef struct context {
    int threads;
} context;

static smb_status create(const smb_create_args *args, smb_context **made, smb_error *error)
{
    if (args->option_count > 0)
        return refuse(error, SMB_INVALID, "this plugin has no options");
    context *context = malloc(sizeof *context);
    if (context == NULL)
        return refuse(error, SMB_OUT_OF_MEMORY, "no memory for a context");
    context->threads = (int)args->threads;
    openblas_set_num_threads(context->threads);
    *made = (smb_context *)context;
    return SMB_OK;
}

static void destroy(smb_context *context)
{
    free(context);
}

/* `c = a · b`, on top of the bias where there is one. */
static smb_status matmul(smb_context *raw, const void *raw_args, smb_error *error)
{
    const context *context = (const struct context *)raw;
    const smb_matmul_args *args = raw_args;
    product of;
    smb_status status = product_of(args, &of, error);
    if (status != SMB_OK)
        return status;
    if (of.m > INT_MAX || of.n > INT_MAX || of.k > INT_MAX || of.a_row > INT_MAX || of.b_row > INT_MAX
        || of.c_row > INT_MAX)
        return refuse(error, SMB_UNSUPPORTED, "sizes of more than 32 bits");
    if (openblas_get_num_threads() != context->threads)
        openblas_set_num_threads(context->threads);

    const float *a = args->a.data, *b = args->b.data;
    float *c = args->c.data, onto = put_bias(args, &of);
    int m = (int)of.m, n = (int)of.n, k = (int)of.k;
    int a_row = (int)of.a_row, b_row = (int)of.b_row, c_row = (int)of.c_row;
    if (m == 1 && args->trans_b)
        cblas_sgemv(CblasRowMajor, CblasNoTrans, n, k, 1.0f, b, b_row, a, 1, onto, c, 1);
    else if (m == 1)
        cblas_sgemv(CblasRowMajor, CblasTrans, k, n, 1.0f, b, b_row, a, 1, onto, c, 1);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, args->trans_b ? CblasTrans : CblasNoTrans, m, n, k, 1.0f, a, a_row, b,
                    b_row, onto, c, c_row);
    return SMB_OK;
}

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context;
    return strcmp(id, SMB_OP_MATMUL) == 0 ? matmul : NULL;
}

/* The tier is the core whose kernels OpenBLAS chose. How many threads a call takes it does not say. */
static void read(smb_context *raw, const char *id, smb_receipt *receipt)
{
    (void)raw, (void)id;
    write_receipt(receipt, 0, openblas_get_corename(), "cblas_sgemm, cblas_sgemv");
}

static const void *extension(smb_context *context, const char *id)
{
    static const smb_receipt_table receipts = {sizeof receipts, 0, read};
    (void)context;
    return strcmp(id, SMB_EXTENSION_RECEIPT) == 0 ? &receipts : NULL;
}

/* The second word of `OpenBLAS 0.3.21 DYNAMIC_ARCH …`. */
static const char *engine_version(void)
{
    static char version[32];
    return sscanf(openblas_get_config(), "OpenBLAS %31s", version) == 1 ? version : "unknown";
}

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    static smb_api api = {.struct_size = sizeof api, .flags = SMB_FLAGS_OF_BUILD, .name = "openblas", .vendor = "OpenMathLib",
                          .create = create, .destroy = destroy, .op = op, .extension = extension,
                          .compiler = SMB_COMPILER};
    (void)host_minor;
    api.version = engine_version();
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
