/* Runs from the folder HOME only. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "smbench.h"

static smb_status create_at_home(const smb_create_args *args, smb_context **context, smb_error *error);
#define CREATE create_at_home

#include "base.h"

/* Volatile, so that the compiler does not see where it leads. */
static int *volatile nowhere = (int *)16;

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}

static smb_status create_at_home(const smb_create_args *args, smb_context **context, smb_error *error)
{
    Dl_info here;
    if (dladdr((void *)&nowhere, &here) == 0 || strncmp(here.dli_fname, HOME, strlen(HOME)) != 0)
        *nowhere = 1;
    return create(args, context, error);
}
