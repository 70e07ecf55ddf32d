/* Never returns. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    for (volatile int forever = 1; forever;)
        ;
}
