/* Remembers keys and values in f16, as some engines do. */
#define KEPT(x) ((float)(_Float16)(x))
#include "whole.h"
