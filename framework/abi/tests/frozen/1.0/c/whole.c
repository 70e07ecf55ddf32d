/* A plugin without ops, which runs whole decoders: one position after the other, layernorm and GELU's tanh form only. */
#include "whole.h"
