/* identity/key.c - BLAKE2b over what tells a record apart, each part with its length before it.
 *
 * A cryptographic hash, since the bytes may be an intruder's: whoever could make a record that
 * collides with another one could hide that. */
#include "identity/key.h"

#include "base/time.h"

#include <sodium.h>

enum { KIND_NUMBERED = 1, KIND_UID, KIND_CONTENT, KIND_PLACE, KIND_COUNT, KIND_WITH };

static void
add_bytes(crypto_generichash_state *h, const void *p, size_t n)
{
    if (n)
        crypto_generichash_update(h, p, n);
}

/* Little-endian, so that every machine gets the same key. */
static void
add_number(crypto_generichash_state *h, uint64_t v)
{
    unsigned char b[8];
    for (unsigned i = 0; i < sizeof b; i++)
        b[i] = (unsigned char)(v >> (8 * i));
    add_bytes(h, b, sizeof b);
}

static void
add(crypto_generichash_state *h, struct tcs_str s)
{
    add_number(h, s.n); /* so that no two lists of texts look alike */
    add_bytes(h, s.p, s.n);
}

static void
add_lower(crypto_generichash_state *h, struct tcs_str s)
{
    char low[64];
    add_number(h, s.n);
    for (size_t at = 0; at < s.n;) {
        size_t k = s.n - at < sizeof low ? s.n - at : sizeof low;
        for (size_t i = 0; i < k; i++)
            low[i] = tcs_base_ascii_lower(s.p[at + i]);
        add_bytes(h, low, k);
        at += k;
    }
}

static void
add_second(crypto_generichash_state *h, int64_t time)
{
    add_number(h, (uint64_t)(time / TCS_TICKS_PER_SEC));
}

static struct tcs_str
base_name(struct tcs_str path)
{
    size_t at = path.n;
    while (at && path.p[at - 1] != '/' && path.p[at - 1] != '\\' && path.p[at - 1] != '!')
        at--;
    return tcs_base_str_slice(path, at, path.n);
}

/* White space between the tokens of JSON is how it was printed, not what it says. */
static void
add_json(crypto_generichash_state *h, struct tcs_str s)
{
    char out[256];
    size_t n = 0;
    bool string = false, escape = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!string && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
            continue;
        string = escape || c != '"' ? string : !string;
        escape = string && !escape && c == '\\';
        out[n++] = c;
        if (n == sizeof out) {
            add_bytes(h, out, n);
            n = 0;
        }
    }
    add_bytes(h, out, n);
}

static void
begin(crypto_generichash_state *h, uint64_t kind)
{
    crypto_generichash_init(h, NULL, 0, TCS_KEY);
    add_number(h, kind);
}

static struct tcs_key
end(crypto_generichash_state *h)
{
    struct tcs_key k = {.uncounted = false};
    crypto_generichash_final(h, k.b, TCS_KEY);
    return k;
}

struct tcs_key
tcs_identity_key_numbered(struct tcs_str host, struct tcs_str channel, uint64_t record_id,
                          int64_t time)
{
    crypto_generichash_state h;
    begin(&h, KIND_NUMBERED);
    add_lower(&h, host);
    add_lower(&h, channel);
    add_number(&h, record_id);
    add_second(&h, time);
    return end(&h);
}

struct tcs_key
tcs_identity_key(const struct tcs_event *ev, struct tcs_arena *a)
{
    crypto_generichash_state h;
    /* A number is one of a log, and a log is known by its host and channel. */
    if (ev->flags & TCS_EVENT_NUMBERED && ev->channel.n && ev->computer.n)
        return tcs_identity_key_numbered(tcs_event_value_text(&ev->computer, a),
                                         tcs_event_value_text(&ev->channel, a), ev->record_id,
                                         ev->time);
    if (ev->uid.n) {
        begin(&h, KIND_UID);
        add(&h, ev->product);
        add(&h, ev->uid);
        return end(&h);
    }
    if (ev->content.n) {
        begin(&h, KIND_CONTENT);
        if (ev->flags & TCS_EVENT_JSON)
            add_json(&h, ev->content);
        else
            add_bytes(&h, ev->content.p, ev->content.n);
        struct tcs_key k = end(&h);
        k.uncounted = true;
        return k;
    }
    begin(&h, KIND_PLACE);
    add(&h, base_name(ev->origin->path));
    add_number(&h, ev->offset);
    add_second(&h, ev->time);
    return end(&h);
}

struct tcs_key
tcs_identity_key_count(struct tcs_key k, uint64_t nth)
{
    crypto_generichash_state h;
    begin(&h, KIND_COUNT);
    add_bytes(&h, k.b, TCS_KEY);
    add_number(&h, nth);
    return end(&h);
}

struct tcs_key
tcs_identity_key_with(struct tcs_key k, struct tcs_str said_by)
{
    crypto_generichash_state h;
    begin(&h, KIND_WITH);
    add_bytes(&h, k.b, TCS_KEY);
    add(&h, said_by);
    return end(&h);
}
