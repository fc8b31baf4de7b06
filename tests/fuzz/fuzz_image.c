/* tests/fuzz/fuzz_image.c - images of what a chain was fed (chain/chain_image.c) from a store that
 * was damaged, or made to harm: refused in a sentence, or taken in; then the chain is finished,
 * each incident is told, and what was taken in is written again: that is read without a word.
 *
 * The input is parts, each behind its length (two bytes, low first). */
#include "base/buf.h"
#include "chain/chain.h"
#include "report/incident_json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x)                                                                                   \
    if (!(x))                                                                                      \
    abort()

static struct tcs_chain *
begin(void)
{
    struct tcs_str technique = TCS_STR("T1003.001");
    const struct tcs_signature sigs[] = {
        {.id = TCS_STR("a"), .level = 5, .stage = 3, .techniques = &technique, .ntechniques = 1},
        {.id = TCS_STR("b"), .level = 4, .stage = 5}};
    struct tcs_chain *c = tcs_chain_new(NULL);
    CHECK(c);
    for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++)
        CHECK(tcs_chain_signature(c, &sigs[i]) == i);
    return c;
}

static int
keep(void *ctx, struct tcs_str part, struct tcs_err *err)
{
    (void)err;
    return tcs_chain_unpack(ctx, part, err);
}

/* What was taken in comes back: a second chain takes all of it. */
static void
copy(struct tcs_chain *c)
{
    struct tcs_err err = {0};
    struct tcs_chain *again = begin();
    struct tcs_chain_unpacker *u = tcs_chain_unpacker_new(again);
    const struct tcs_chain_parts to = {keep, u};
    CHECK(u && tcs_chain_pack(c, &to, &err) == 0);
    tcs_chain_unpacker_free(u);
    tcs_chain_free(again);
}

static void
finish(struct tcs_chain *c)
{
    struct tcs_err err = {0};
    struct tcs_buf b = {0};
    uint32_t n;
    CHECK(tcs_chain_finish(c, &err) == 0);
    const struct tcs_incident *in = tcs_chain_incidents(c, &n);
    for (uint32_t i = 0; i < n; i++)
        tcs_report_incident_json(&b, &in[i]);
    CHECK(!b.failed);
    tcs_base_buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tcs_err err = {0};
    struct tcs_chain *c = begin();
    struct tcs_chain_unpacker *u = tcs_chain_unpacker_new(c);
    int r = 0;
    CHECK(u);
    while (r == 0 && size > 2) {
        size_t n = (size_t)(data[0] | data[1] << 8);
        data += 2;
        size -= 2;
        n = n < size ? n : size;
        r = tcs_chain_unpack(u, (struct tcs_str){(const char *)data, n}, &err);
        CHECK(r == 0 || (r == -TCS_ECORRUPT && err.msg[0]));
        data += n;
        size -= n;
    }
    tcs_chain_unpacker_free(u);
    if (r == 0)
        copy(c);
    finish(c);
    tcs_chain_free(c);
    return 0;
}
