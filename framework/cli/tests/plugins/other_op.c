/* Does something else than anybody asked for. */
#define OP "acme.conv2d/1"

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}
