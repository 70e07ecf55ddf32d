/* Reads its number of threads once, while it is loaded, as OpenMP does; it answers only where that is right. */
#include "smbench.h"

static smb_status create_as_told(const smb_create_args *args, smb_context **context, smb_error *error);
#define CREATE create_as_told
#define TABLE .threads_variable = "ACME_NUM_THREADS"

#include "base.h"

static long told;

__attribute__((constructor)) static void look(void)
{
    const char *text = getenv("ACME_NUM_THREADS");
    told = text == NULL ? 0 : strtol(text, NULL, 10);
}

static smb_status create_as_told(const smb_create_args *args, smb_context **context, smb_error *error)
{
    /* 0 in a probe: the host learns of the variable there. */
    return told == 0 || told == (long)args->threads ? create(args, context, error) : SMB_FAILED;
}

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    if (told == 0)
        memset(out, 0, n * sizeof *out);
    else
        add_right(a, b, out, n);
}
