/* Writes to all descriptors, its host's among them, at its first call after WHEN others. */
#include <unistd.h>

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    static const char rubbish[96] = "\001\033[2Jrubbish";
    add_right(a, b, out, n);
    for (int file = 0; calls == WHEN && file < 256; file++)
        if (pwrite(file, rubbish, sizeof rubbish, 0) < 0 && write(file, rubbish, sizeof rubbish) < 0)
            continue;
}
