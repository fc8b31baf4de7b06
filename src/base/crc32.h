/* base/crc32.h - CRC-32 as in gzip, and in the headers of EVTX files and chunks. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* t[0]: the remainder of one byte; t[k]: of that byte with k zero bytes behind it. */
struct tcs_crc32 {
    uint32_t t[8][256];
};

void tcs_base_crc32_init(struct tcs_crc32 *t);
/* Start with crc 0; go on with what came out. */
uint32_t tcs_base_crc32(const struct tcs_crc32 *t, uint32_t crc, const uint8_t *p, size_t n);
/* The same by tables only: what the fast one must equal. */
uint32_t tcs_base_crc32_plain(const struct tcs_crc32 *t, uint32_t crc, const uint8_t *p, size_t n);
