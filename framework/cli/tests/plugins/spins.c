/* Leaves a thread behind that never sleeps. */
#include <pthread.h>

#include "base.h"

static void *spin(void *unused)
{
    for (volatile int turn = 0;; turn++)
        ;
    return unused;
}

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    pthread_t thread;
    add_right(a, b, out, n);
    if (calls == 0)
        pthread_create(&thread, NULL, spin, NULL);
}
