/* detect/correlating_pack.c - a match as the store keeps it, and back.
 *
 * The values become bytes: of each its length (4 bytes, the low one first), then its text; a value
 * that is missing has none. */
#include "base/limits.h"
#include "detect/correlating.h"

enum { LENGTH = 4 };

void
tcs_detect_match_pack(const struct tcs_batch_match *m, struct tcs_buf *b,
                      struct tcs_store_match *ret)
{
    b->n = 0;
    for (uint32_t i = 0; i < m->match.nvalues; i++) {
        const struct tcs_str v = m->match.values[i];
        for (unsigned at = 0; at < LENGTH; at++)
            tcs_base_buf_c(b, (char)(v.n >> (8 * at)));
        tcs_base_buf_str(b, v);
    }
    *ret = (struct tcs_store_match){.host = m->host,
                                    .account = m->account,
                                    .subject = m->subject,
                                    .source_ip = m->source_ip,
                                    .evidence = m->evidence,
                                    .time = m->match.time,
                                    .flags = m->flags,
                                    .about_target = m->about_target,
                                    .values = tcs_base_buf_view(b)};
}

/* The number of values; the bytes may be anything. */
static bool
count(struct tcs_str bytes, uint32_t *n)
{
    for (*n = 0; bytes.n; ++*n) {
        uint32_t length = 0;
        if (bytes.n < LENGTH)
            return false;
        for (unsigned at = 0; at < LENGTH; at++)
            length |= (uint32_t)(unsigned char)bytes.p[at] << (8 * at);
        if (length > TCS_CORR_TEXT_MAX || length > bytes.n - LENGTH)
            return false;
        bytes = tcs_base_str_slice(bytes, LENGTH + length, bytes.n);
    }
    return true;
}

bool
tcs_detect_match_unpack(const struct tcs_store_match *m, struct tcs_arena *a,
                        struct tcs_batch_match *ret)
{
    uint32_t n;
    struct tcs_str rest = m->values;
    struct tcs_str *values =
        count(rest, &n) ? tcs_base_arena_array(a, n + 1, sizeof *values) : NULL;
    if (!values)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        size_t length = 0;
        for (unsigned at = 0; at < LENGTH; at++)
            length |= (size_t)(unsigned char)rest.p[at] << (8 * at);
        values[i] =
            length ? tcs_base_str_slice(rest, LENGTH, LENGTH + length) : (struct tcs_str){0};
        rest = tcs_base_str_slice(rest, LENGTH + length, rest.n);
    }
    *ret = (struct tcs_batch_match){.match = {.time = m->time,
                                              .record = m->evidence.record_id,
                                              .offset = m->evidence.offset,
                                              .values = values,
                                              .nvalues = n},
                                    .evidence = m->evidence,
                                    .host = m->host,
                                    .account = m->account,
                                    .subject = m->subject,
                                    .source_ip = m->source_ip,
                                    .flags = m->flags,
                                    .about_target = m->about_target};
    return true;
}
