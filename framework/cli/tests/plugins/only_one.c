/* One context in a process, whichever copy of the library makes it; a second is refused with STATUS. */
#include "smbench.h"

static smb_status create_one(const smb_create_args *args, smb_context **context, smb_error *error);
static void destroy_one(smb_context *context);
#define CREATE create_one
#define DESTROY destroy_one

#include "base.h"

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}

static smb_status create_one(const smb_create_args *args, smb_context **context, smb_error *error)
{
    if (getenv("ONLY_ONE") != NULL) {
        strcpy(error->message, "one is there already");
        return STATUS;
    }
    setenv("ONLY_ONE", "1", 1);
    return create(args, context, error);
}

static void destroy_one(smb_context *context)
{
    unsetenv("ONLY_ONE");
    destroy(context);
}
