/* Speaks the next major version. */
#include "smbench.h"

static const smb_api api = {.struct_size = sizeof(smb_api)};

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_minor;
    return host_major == SMB_ABI_MAJOR + 1 ? &api : 0;
}
