/* The system's allocator, as it is. */
#include "memory.h"
