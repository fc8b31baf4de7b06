/* input/unpack.h - members of zip, tar, 7z and of compressed files, streamed by libarchive.
 *
 * No temporary files, no helper programs; memory is libarchive's window and one read buffer. */
#pragma once
#include "base/crc32.h"
#include "base/str.h"
#include "input/stream.h"

struct tcs_unpack;

/* What may come out of one file: of all archives in it together. */
struct tcs_unpack_budget {
    const struct tcs_file *file;
    const struct tcs_crc32 *crc; /* for those checksums that libarchive does not look at */
    uint64_t used;
    bool told; /* that there was too much */
};

/* Do these bytes begin a container or a compressed file that can be opened? */
bool tcs_input_unpack_sniff(const uint8_t *p, size_t n);
/* `s` stands behind its first n bytes, which are at `head`; both must outlive the unpack, like
 * the budget.  Negative with *err filled. */
int tcs_input_unpack_open(struct tcs_stream *s, const uint8_t *head, size_t n,
                          struct tcs_unpack_budget *budget, struct tcs_unpack **ret,
                          struct tcs_err *err);
void tcs_input_unpack_close(struct tcs_unpack *u); /* NULL is fine */

struct tcs_unpack_member {
    struct tcs_str name; /* until the next call; empty: a compressed file has just the one */
    bool locked;         /* protected by a password */
    bool special;        /* a link, a device or the like: it has no bytes */
};

/* The next member that is no folder.  0; 1: no more; negative: damaged, *err filled, no more. */
int tcs_input_unpack_next(struct tcs_unpack *u, struct tcs_unpack_member *ret, struct tcs_err *err);
/* The bytes of the member that tcs_input_unpack_next gave. */
struct tcs_stream *tcs_input_unpack_stream(struct tcs_unpack *u);
