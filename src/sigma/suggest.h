/* sigma/suggest.h - "did you mean".  Internal to src/sigma. */
#pragma once
#include "base/str.h"

/* The word of `list` (n entries) that is nearest to `word`, NULL if none is near. */
const char *tcs_sigma_suggest(struct tcs_str word, const char *const *list, size_t n);
