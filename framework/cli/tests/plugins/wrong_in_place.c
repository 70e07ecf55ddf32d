/* Right, but over its own input and at ragged sizes. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    int in_place = out == a;
    add_right(a, b, out, n);
    if (in_place && n % 16 != 0)
        out[0] += 1.0f;
}
