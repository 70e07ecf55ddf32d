/*
 * An allocator and nothing else, right in all but what the file that includes this gets wrong: ALLOCATE makes a block of so
 * many bytes, ZERO fills it where zeros are asked for, GIVE_BACK takes it.
 */
#include "stateless.h"

#include <stdlib.h>
#include <string.h>

#ifndef ALLOCATE
#define ALLOCATE(bytes) aligned_alloc(4096, ((bytes) + 4095) / 4096 * 4096)
#endif
#ifndef ZERO
#define ZERO(block, bytes) memset(block, 0, bytes)
#endif
#ifndef GIVE_BACK
#define GIVE_BACK(block) free(block)
#endif
#ifndef TRIM
#define TRIM trim
#endif

static smb_status acquire(smb_context *context, smb_dtype dtype, uint32_t rank, const uint64_t *dims, size_t align,
                          uint32_t zeroed, smb_tensor *tensor, smb_error *error)
{
    uint64_t count = 1;
    (void)context, (void)align, (void)error;
    memset(tensor, 0, sizeof *tensor);
    tensor->dtype = dtype;
    tensor->rank = rank;
    for (uint32_t axis = 4; axis-- > 0;) {
        tensor->dims[axis] = axis < rank ? dims[axis] : 1;
        tensor->strides[axis] = axis < rank ? (int64_t)count : 0;
        count *= tensor->dims[axis];
    }
    tensor->data = ALLOCATE(count * 4);
    if (!tensor->data)
        return SMB_OUT_OF_MEMORY;
    if (zeroed)
        ZERO(tensor->data, count * 4);
    return SMB_OK;
}

static void release(smb_context *context, const smb_tensor *tensor)
{
    (void)context;
    GIVE_BACK(tensor->data);
}

__attribute__((unused)) static void trim(smb_context *context)
{
    (void)context;
}

static const void *extension(smb_context *context, const char *id)
{
    static const smb_memory table = {sizeof table, 0, acquire, release, TRIM, NULL};
    (void)context;
    return strcmp(id, SMB_EXTENSION_MEMORY) == 0 ? &table : NULL;
}

static smb_op_fn op(smb_context *context, const char *id)
{
    (void)context, (void)id;
    return NULL;
}

static const smb_api api = {.struct_size = sizeof(smb_api),
                            .name = "memory",
                            .version = "0.1.0",
                            .vendor = "smbench tests",
                            .create = create,
                            .destroy = destroy,
                            .op = op,
                            .extension = extension};

const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
{
    (void)host_minor;
    return host_major == SMB_ABI_MAJOR ? &api : NULL;
}
