/* Nothing can be asked to go back to the system. */
#define TRIM NULL
#include "memory.h"
