/* sigma/placeholder.h - what a rule's %name% stands for under `expand`.  Types only. */
#pragma once
#include "base/str.h"

#include <stdint.h>

/* Given by the caller, who reads the files. */
struct tcs_placeholder {
    struct tcs_str name, *values;
    uint32_t n;
};
