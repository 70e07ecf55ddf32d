/* One context in a process, whichever copy of the library makes it; a second, or one where ONLY_ONE is set, is refused with
 * STATUS. */
#define _GNU_SOURCE
#include <sys/mman.h>

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

/* Where the first of this process puts its flag. */
#define PLACE ((void *)0x100000000000)
#define SIZE 4096

static smb_status create_one(const smb_create_args *args, smb_context **context, smb_error *error)
{
    if (getenv("ONLY_ONE") != NULL ||
        mmap(PLACE, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED) {
        strcpy(error->message, "one is there already");
        return STATUS;
    }
    return create(args, context, error);
}

static void destroy_one(smb_context *context)
{
    munmap(PLACE, SIZE);
    destroy(context);
}
