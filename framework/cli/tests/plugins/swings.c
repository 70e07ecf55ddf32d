/*
 * Against `repeats` with `-DTIMES=3`: three times slower; but at 2,000 elements three times slower in one process and
 * three times faster in the next. COUNT is a file that counts those.
 */
#include "base.h"

#include <stdio.h>

static int is_odd(void)
{
    FILE *count = fopen(COUNT, "a+");
    if (count == NULL)
        abort();
    fputc('.', count);
    fflush(count);
    long processes = ftell(count);
    fclose(count);
    return processes % 2;
}

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    static int times_at_2000;
    if (n == 2000 && times_at_2000 == 0)
        times_at_2000 = is_odd() ? 9 : 1;
    for (int time = 0; time < (n == 2000 ? times_at_2000 : 9); time++) {
        add_right(a, b, out, n);
        __asm__ volatile("" ::: "memory"); /* the compiler may not see that once would do */
    }
}
