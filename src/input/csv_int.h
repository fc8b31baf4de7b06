/* input/csv_int.h - shared by csv.c and csv_scan.c only. */
#pragma once
#include "base/str.h"

#include <stdint.h>

/* Without the line end. */
struct tcs_str tcs_csv_line(const uint8_t *p, size_t n);
