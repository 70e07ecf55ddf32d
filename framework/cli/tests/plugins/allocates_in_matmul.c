/* Every product asks for room that a pool would have had. */
#define NAME "allocates_in_matmul"
#define IN_MATMUL                                                                                                      \
    {                                                                                                                  \
        void *volatile panel = malloc(4096);                                                                           \
        free(panel);                                                                                                   \
    }
#include "engine.h"
