/* Two tiers, of which the second is wrong. */
#include "smbench.h"

#include <string.h>

static smb_status choose(const smb_create_args *args, smb_context **context, smb_error *error);
static const char *const tier_names[] = {"fast", "plain", NULL};

#define CREATE choose
#define TABLE .tiers = tier_names
#include "base.h"

static int plain;

static smb_status choose(const smb_create_args *args, smb_context **context, smb_error *error)
{
    plain = args->tier != NULL && strcmp(args->tier, "plain") == 0;
    return create(args, context, error);
}

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
    if (plain)
        out[n - 1] += 1.0f;
}
