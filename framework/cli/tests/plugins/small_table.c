/* Says that its table is shorter than it is. */
#define STRUCT_SIZE 8

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}
