/* Uses an input as scratch. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    ((float *)a)[0] = 0.5f;
}
