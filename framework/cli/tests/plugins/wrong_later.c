/* Right for as long as a check lasts. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    if (calls > MORE_THAN_A_CHECK)
        out[0] += 1.0f;
}
