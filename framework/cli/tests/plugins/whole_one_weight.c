/* Has one weight of the first layer with the wrong sign. */
#define BEFORE_ACTIVATION(m, layer) \
    if (layer == 0) \
    m->wide[0] -= 2 * m->normal[0] * weight(m, "up.weight", 0)[0]
#include "whole.h"
