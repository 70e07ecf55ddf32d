/* Every sum keeps a block of 1000 bytes for good. */
#define NAME "leaks"
#define IN_ADD                                                                                                         \
    {                                                                                                                  \
        void *volatile lost = malloc(1000);                                                                            \
        (void)lost;                                                                                                    \
    }
#include "engine.h"
