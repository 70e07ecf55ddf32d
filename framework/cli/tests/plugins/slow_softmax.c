/* Every row is computed again and again. */
#define NAME "slow_softmax"
#define SOFTMAX_TIMES 300
#include "engine.h"
