/* Right, and so many times over: `-DTIMES=2` takes twice as long as `-DTIMES=1`. */
#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    for (int time = 0; time < TIMES; time++) {
        add_right(a, b, out, n);
        __asm__ volatile("" ::: "memory"); /* the compiler may not see that once would do */
    }
}
