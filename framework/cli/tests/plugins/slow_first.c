/* Its first call in a process takes 20 ms more. */
#include "base.h"

#include <unistd.h>

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    if (calls == 0)
        usleep(20000);
    add_right(a, b, out, n);
}
