/* Three blocks of known size in each call. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    for (size_t block = 1; block <= 3; block++) {
        void *volatile memory = malloc(100 * block);
        free(memory);
    }
    add_right(a, b, out, n);
}
