/* A CBLAS library of two functions, row-major only, for examples/blas. No plugin. */

enum { TRANS = 112 };

void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda,
                 const float *b, int ldb, float beta, float *c, int ldc)
{
    (void)order, (void)trans_a;
    for (long i = 0; i < m; i++)
        for (long j = 0; j < n; j++) {
            float sum = 0.0f;
            for (long l = 0; l < k; l++)
                sum += a[i * lda + l] * (trans_b == TRANS ? b[j * ldb + l] : b[l * ldb + j]);
            c[i * ldc + j] = alpha * sum + (beta == 0.0f ? 0.0f : beta * c[i * ldc + j]);
        }
}

void cblas_sgemv(int order, int trans, int m, int n, float alpha, const float *a, int lda, const float *x, int incx,
                 float beta, float *y, int incy)
{
    int rows = trans == TRANS ? n : m, columns = trans == TRANS ? m : n;
    (void)order;
    for (long i = 0; i < rows; i++) {
        float sum = 0.0f;
        for (long j = 0; j < columns; j++)
            sum += (trans == TRANS ? a[j * lda + i] : a[i * lda + j]) * x[j * incx];
        y[i * incy] = alpha * sum + (beta == 0.0f ? 0.0f : beta * y[i * incy]);
    }
}
