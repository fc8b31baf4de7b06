/* decode/evtx/evtx_crc.h - CRC-32 as in zlib and in the headers of EVTX files and chunks. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* t[0]: the remainder of one byte; t[k]: of that byte with k zero bytes behind it. */
struct evtx_crc {
    uint32_t t[8][256];
};

void tcs_decode_evtx_crc_init(struct evtx_crc *t);
/* Start with crc 0; go on with what came out. */
uint32_t tcs_decode_evtx_crc32(const struct evtx_crc *t, uint32_t crc, const uint8_t *p, size_t n);
/* The same by tables only: what the fast one must equal. */
uint32_t tcs_decode_evtx_crc32_plain(const struct evtx_crc *t, uint32_t crc, const uint8_t *p,
                                     size_t n);
