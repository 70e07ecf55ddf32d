/* Says that its table is shorter than it is. */
#ifndef STRUCT_SIZE
#define STRUCT_SIZE 8
#endif

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}
