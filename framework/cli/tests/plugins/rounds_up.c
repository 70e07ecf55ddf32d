/* Leaves both units of floating-point arithmetic rounding upwards. */
#include <fenv.h>

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    fesetround(FE_UPWARD);
}
