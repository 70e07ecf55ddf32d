/* Calls what nobody defines. */
#include "base.h"

void nobody_defines_this(void);

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    nobody_defines_this();
}
