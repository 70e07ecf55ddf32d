/* Writes one element too early. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    out[-1] = 0.0f;
}
