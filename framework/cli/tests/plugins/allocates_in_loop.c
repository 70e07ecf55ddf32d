/* A block of its own for every 16 elements. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    for (uint64_t begin = 0; begin < n; begin += 16) {
        uint64_t count = n - begin < 16 ? n - begin : 16;
        float *volatile sums = malloc(16 * sizeof(float));
        add_right(a + begin, b + begin, sums, count);
        memcpy(out + begin, sums, count * sizeof(float));
        free(sums);
    }
}
