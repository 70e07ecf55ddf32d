/* Leaves a process behind, in a session of its own, whose parent is gone; hangs itself if it HANGS. */
#include <unistd.h>

#include "base.h"

#ifndef HANGS
#define HANGS 0
#endif

static void rest(void)
{
    for (;;)
        pause();
}

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    if (calls == 0 && fork() == 0) {
        setsid();
        if (fork() != 0)
            _exit(0);
        rest();
    }
    if (HANGS)
        rest();
}
