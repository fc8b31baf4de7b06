/* store/row_key.c - what a row is known by: 16 bytes, the same on every machine.
 *
 * What was said of a record is known by the record (identity/key.h) and who says it: a signature's
 * id, "observation" and its kind, or a rule that correlations read and the hash of its plan.  Not
 * so a correlation's result, which is about many records: it is signature, host and number. */
#include "store/store_int.h"

#include <sodium.h>
#include <stdio.h>

void
tcs_store_sql_hash_text(crypto_generichash_state *h, struct tcs_str s)
{
    uint64_t n = s.n; /* the length first, so that no two lists of texts look alike */
    crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
    if (s.n)
        crypto_generichash_update(h, (const unsigned char *)s.p, s.n);
}

void
tcs_store_sql_hash_lower(crypto_generichash_state *h, struct tcs_str s)
{
    char low[64];
    uint64_t n = s.n;
    crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
    for (size_t at = 0; at < s.n;) {
        size_t k = s.n - at < sizeof low ? s.n - at : sizeof low;
        for (size_t i = 0; i < k; i++)
            low[i] = tcs_base_ascii_lower(s.p[at + i]);
        crypto_generichash_update(h, (const unsigned char *)low, k);
        at += k;
    }
}

void
tcs_store_sql_hash_number(crypto_generichash_state *h, uint64_t v)
{
    unsigned char b[8];
    for (int i = 0; i < 8; i++)
        b[i] = (unsigned char)(v >> (8 * i)); /* the same file on every machine */
    crypto_generichash_update(h, b, sizeof b);
}

struct tcs_key
tcs_store_sql_result_key(struct tcs_str signature, struct tcs_str host, uint64_t group)
{
    struct tcs_key k = {.uncounted = false};
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_KEY);
    tcs_store_sql_hash_text(&h, TCS_STR("result"));
    tcs_store_sql_hash_text(&h, signature);
    tcs_store_sql_hash_lower(&h, host);
    tcs_store_sql_hash_number(&h, group);
    crypto_generichash_final(&h, k.b, TCS_KEY);
    return k;
}

struct tcs_key
tcs_store_sql_observation_key(struct tcs_key record, uint8_t kind)
{
    char said[32];
    snprintf(said, sizeof said, "observation %u", (unsigned)kind);
    return tcs_identity_key_with(record, tcs_base_str_of(said));
}

struct tcs_key
tcs_store_sql_match_key(struct tcs_key record, struct tcs_str rule, uint64_t plan)
{
    char print[32];
    snprintf(print, sizeof print, "%016llx", (unsigned long long)plan);
    return tcs_identity_key_with(tcs_identity_key_with(record, rule), tcs_base_str_of(print));
}
