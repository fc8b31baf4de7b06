/* tests/fuzz/fuzz_stix.c - any bytes as a STIX bundle.  What reads as a profile is sorted, known to
 * be techniques, and reads back the same from what is written. */
#include "stix/profile_stix.h"

#include <stdlib.h>

#define CHECK(c)                                                                                   \
    do {                                                                                           \
        if (!(c))                                                                                  \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
there_and_back(struct tcs_arena *a, const struct tcs_profile *p)
{
    struct tcs_buf b = {0};
    struct tcs_profile q;
    struct tcs_err err;
    tcs_stix_profile_write(&b, p, 0);
    CHECK(!b.failed);
    CHECK(tcs_stix_profile_read(a, tcs_base_buf_view(&b), &q, &err) == 0);
    CHECK(q.nuses == p->nuses);
    for (uint32_t i = 0; i < p->nuses; i++) {
        CHECK(tcs_base_str_eq(p->uses[i].technique, q.uses[i].technique));
        CHECK(i == 0 || tcs_base_str_cmp(p->uses[i - 1].technique, p->uses[i].technique) < 0);
    }
    tcs_base_buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_stix_bundle *b = NULL;
    struct tcs_profile p;
    struct tcs_err err;
    struct tcs_str text = {(const char *)data, size};
    if (tcs_stix_profile_read(a, text, &p, &err) == 0)
        there_and_back(a, &p);
    if (tcs_stix_bundle_new(text, &b, &err) == 0) {
        static const char *const name = "a";
        const struct tcs_stix_pick pick = {&name, 1, &name, 0, true};
        int64_t modified;
        if (tcs_stix_profile_pick(b, &pick, a, &p, &modified, &err) == 0)
            there_and_back(a, &p);
        tcs_stix_bundle_free(b);
    }
    tcs_base_arena_free(a);
    return 0;
}
