/* Never gets as far as being called. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}

__attribute__((constructor)) static void wait_for_ever(void)
{
    for (volatile int forever = 1; forever;)
        ;
}
