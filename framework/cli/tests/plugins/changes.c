/* Changes what all in its process share: THIS, when it is first called, or when it is loaded. */
#define _GNU_SOURCE
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"

__attribute__((unused)) static int open_nothing(void)
{
    struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_NOFILE, &none) == 0;
}

__attribute__((unused)) static int stay_on_one_core(void)
{
    cpu_set_t own;
    int core = sched_getcpu();
    CPU_ZERO(&own);
    CPU_SET(core < 0 ? 0 : core, &own);
    return sched_setaffinity(0, sizeof own, &own) == 0;
}

__attribute__((unused)) static int hear_nothing(void)
{
    sigset_t all;
    sigfillset(&all);
    return sigprocmask(SIG_BLOCK, &all, NULL) == 0;
}

#ifdef ON_LOAD
__attribute__((constructor))
#endif
static void change(void)
{
    if (!(THIS))
        abort();
}

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    if (calls == 0)
        change();
}
