/* Looks at none of the positions that it should remember from earlier calls. */
#define FIRST_SEEN past_len
#include "whole.h"
