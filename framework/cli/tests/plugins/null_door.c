/* Speaks no version at all. */
#include "smbench.h"

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_major, (void)host_minor;
    return NULL;
}
