/* Fills both streams. */
#include <unistd.h>

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    static char text[64 << 10];
    memset(text, 120, sizeof text);
    add_right(a, b, out, n);
    for (int stream = 1; calls < 64 && stream <= 2; stream++)
        if (write(stream, text, sizeof text) < 0)
            abort();
}
