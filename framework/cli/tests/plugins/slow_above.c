/* Right, and four times over from 5,000 elements on. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    for (int time = 0; time < (n > 5000 ? 4 : 1); time++) {
        add_right(a, b, out, n);
        __asm__ volatile("" ::: "memory"); /* the compiler may not see that once would do */
    }
}
