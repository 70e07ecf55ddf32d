/* Speaks a major that does not exist yet. */
#include "smbench.h"

#undef SMB_ABI_MAJOR
#define SMB_ABI_MAJOR 2u

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}
