/* Waits for itself. */
#include <pthread.h>

#include "base.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    pthread_mutex_lock(&mutex);
    add_right(a, b, out, n);
}
