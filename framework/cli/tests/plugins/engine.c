/* Right, plain, and without anything fused. */
#include "engine.h"
