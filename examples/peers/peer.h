/*
 * What the peers in C share: operands held against the contract, errors, receipts.
 */
#ifndef SMBENCH_PEER_H
#define SMBENCH_PEER_H

#include "smbench.h"

#include <stdio.h>
#include <string.h>

/* Writes why a call failed, and answers `status`. */
static smb_status refuse(smb_error *error, smb_status status, const char *why)
{
    if (error != NULL)
        snprintf(error->message, sizeof error->message, "%s", why);
    return status;
}

/* Is `args`, which begins with a header, at least as long as we know it? */
#define COMPLETE(args) ((args)->header.struct_size >= sizeof *(args))

/* And what is said if not. */
#define SHORT "the arguments are shorter than this plugin knows them"

static inline uint64_t element_count(const smb_tensor *x)
{
    return x->dims[0] * x->dims[1] * x->dims[2] * x->dims[3]; /* those beyond the rank are 1 */
}

/* Row-major without gaps; only matmul has to take anything else. */
static inline int is_contiguous(const smb_tensor *x)
{
    int64_t stride = 1;
    for (uint32_t i = x->rank; i-- > 0; stride *= (int64_t)x->dims[i])
        if (x->dims[i] != 1 && x->strides[i] != stride)
            return 0;
    return x->dtype == SMB_F32;
}

/* A matrix with columns 1 apart. */
static int is_matrix(const smb_tensor *x)
{
    return x->dtype == SMB_F32 && x->rank == 2 && (x->dims[1] == 1 || x->strides[1] == 1);
}

/* From one row of a matrix to the next, in elements; of a single row its stride is nobody's business. */
static int64_t row_stride(const smb_tensor *x)
{
    return x->dims[0] == 1 ? (int64_t)x->dims[1] : x->strides[0];
}

/* Sizes of `c[m×n] = a[m×k] · b`, and how far apart the rows of a, b and c are. */
typedef struct product {
    int64_t m, n, k, a_row, b_row, c_row;
} product;

/* Reads them; anything but SMB_OK comes with a message. */
static smb_status product_of(const smb_matmul_args *args, product *of, smb_error *error)
{
    const smb_tensor *a = &args->a, *b = &args->b, *c = &args->c, *bias = &args->bias;
    if (!COMPLETE(args))
        return refuse(error, SMB_INVALID, SHORT);
    if (!is_matrix(a) || !is_matrix(b) || !is_matrix(c))
        return refuse(error, SMB_UNSUPPORTED, "other than f32 matrices with columns 1 apart");
    uint64_t k = b->dims[args->trans_b != 0], n = b->dims[args->trans_b == 0];
    if (k != a->dims[1] || c->dims[0] != a->dims[0] || c->dims[1] != n || (bias->data && bias->dims[0] != n))
        return refuse(error, SMB_INVALID, "the sizes of the operands contradict each other");
    *of = (product){(int64_t)a->dims[0], (int64_t)n, (int64_t)k, row_stride(a), row_stride(b), row_stride(c)};
    if (of->a_row < of->k || of->b_row < (int64_t)b->dims[1] || of->c_row < of->n)
        return refuse(error, SMB_UNSUPPORTED, "rows that overlap");
    return SMB_OK;
}

/* What the product is added to: the bias, which is put into the rows of c, or nothing. The answer is BLAS's beta. */
static float put_bias(const smb_matmul_args *args, const product *of)
{
    float *c = args->c.data;
    if (args->bias.data == NULL)
        return 0.0f;
    for (int64_t i = 0; i < of->m; i++)
        memcpy(c + i * of->c_row, args->bias.data, (size_t)of->n * sizeof *c);
    return 1.0f;
}

/* What a receipt has room for, whatever the host's version. */
static void write_receipt(smb_receipt *receipt, uint32_t threads, const char *tier, const char *implementation)
{
    smb_receipt ours = {.struct_size = receipt->struct_size, .threads = threads};
    snprintf(ours.tier, sizeof ours.tier, "%s", tier);
    snprintf(ours.implementation, sizeof ours.implementation, "%s", implementation);
    memcpy(receipt, &ours, receipt->struct_size < sizeof ours ? receipt->struct_size : sizeof ours);
}

#endif
