/* Wants a process of its own. */
#define FLAGS SMB_FLAG_PREFERS_SPLIT

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}
