/* What a plugin of a later 1.x may look like: a longer table, unknown flags, revisions and extensions. */
#define STRUCT_SIZE sizeof(later)
#define FLAGS (SMB_FLAGS_OF_BUILD | 0xfffffff0u)
#define TABLE .extension = extension

#include "smbench.h"

typedef struct later {
    smb_api known;
    void *unknown[8];
} later;

static const void *extension(smb_context *context, const char *id);

#define api known_part
#define smb_plugin_entry_v1 entry_of_the_known_part
#include "base.h"
#undef smb_plugin_entry_v1
#undef api

static const void *extension(smb_context *context, const char *id)
{
    static const uint32_t unknown[] = {20, 0, 1, 2, 3};
    (void)context;
    return strcmp(id, "teleport/1") == 0 ? unknown : NULL;
}

static void kernel(const float *a, const float *b, float *out, uint64_t n)
{
    add_right(a, b, out, n);
}

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    static later table;
    (void)host_minor;
    table.known = *entry_of_the_known_part(host_major, host_minor);
    memset(table.unknown, 0xff, sizeof table.unknown);
    return &table.known;
}
