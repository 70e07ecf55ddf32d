/* Takes the process with it when it is asked to go. */
#include "smbench.h"

static void leave(smb_context *context);
#define DESTROY leave

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}

static void leave(smb_context *context)
{
    destroy(context);
    exit(0);
}
