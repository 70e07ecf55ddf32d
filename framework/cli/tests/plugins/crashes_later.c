/* Holds for as long as a check lasts. */
#include "base.h"

/* Volatile, so that the compiler does not see where it leads. */
static int *volatile nowhere = (int *)16;

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    if (calls > MORE_THAN_A_CHECK)
        *nowhere = 1;
}
