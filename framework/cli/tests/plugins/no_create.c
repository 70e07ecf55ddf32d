/* Cannot be created. */
#define CREATE NULL

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}
