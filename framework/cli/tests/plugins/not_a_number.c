/* Its last element is no number. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    out[n - 1] = __builtin_nanf("");
}
