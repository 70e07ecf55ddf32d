/* Says that its table is longer than it is, as one of a newer header would be. */
#define STRUCT_SIZE 0xffffffffu

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}
