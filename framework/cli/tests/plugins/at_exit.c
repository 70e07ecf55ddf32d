/* Has something to do for ever when the process ends, in both ways that C has for that. */
#include <unistd.h>

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}

static void linger(void)
{
    for (;;)
        pause();
}

__attribute__((constructor)) static void stay(void)
{
    atexit(linger);
}

__attribute__((destructor)) static void stay_longer(void)
{
    linger();
}
