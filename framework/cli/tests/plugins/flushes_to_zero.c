/* Changes the floating-point mode, as code built with -ffast-math does. */
#include <xmmintrin.h>

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    _mm_setcsr(_mm_getcsr() | 0x8040);
}
