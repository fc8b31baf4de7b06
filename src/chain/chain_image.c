/* chain/chain_image.c - what a chain was fed, as bytes, and back: so that a later run takes all of
 * it in at once instead of row by row.
 *
 *   part: kind 1 | number of rows 4 | rows
 *   kinds, in this order: signatures, names of four sorts, findings, observations, left out
 *   name: length, bytes | what is known of it | spelling, if it is another
 *   left out: length and bytes of the log | findings | grave ones | observations
 *   finding, observation: which members are not 0 (4) | those, in the order of the tables below
 *
 * Numbers are little-endian; small ones have as few bytes as they need (seven bits each), hashes
 * eight, times are differences.  A row means names by their place in the image.  Nothing in it was
 * decided: names are resolved, records joined anew each time.  Parts come from a file that may be
 * damaged, or made to harm: what cannot be is refused. */
#include "chain/chain_int.h"

#include "base/grow.h"
#include "base/invariant.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

enum { PART = 1 << 20, HEAD = 5, VARINT_MAX = 10, TEXT_MAX = 2 * TCS_IDENTITY_TEXT_MAX + 2 };
enum { NAME_SYSTEM = 1, NAME_SHOWN = 2 };

enum kind {
    SIGNATURES,
    HOSTS,
    ACCOUNTS,
    ADDRESSES,
    TEXTS,
    FINDINGS,
    OBSERVATIONS,
    LEFT_OUT,
    KINDS
};

/* --- members of rows --- */

enum type { U8, U32, U64, HASH, NAME, SIGNATURE };

struct member {
    uint8_t type, names; /* NAME: of which kind */
    uint16_t at;
    uint32_t max; /* U8: of what may be */
};

#define OF struct chain_finding
#define M(type, name)                                                                              \
    {                                                                                              \
        type, 0, offsetof(OF, name), 0                                                             \
    }
#define N(kind, name)                                                                              \
    {                                                                                              \
        NAME, kind, offsetof(OF, name), 0                                                          \
    }
static const struct member finding_members[] = {
    M(HASH, key),
    M(SIGNATURE, sig),
    N(HOSTS, host),
    N(ACCOUNTS, user),
    N(ACCOUNTS, target),
    N(ACCOUNTS, user_id),
    N(ACCOUNTS, target_id),
    N(HOSTS, source_host),
    N(HOSTS, dest_host),
    N(ADDRESSES, source_ip),
    N(TEXTS, file),
    N(TEXTS, channel),
    N(TEXTS, object),
    N(TEXTS, image),
    N(TEXTS, unchecked),
    M(U64, session),
    M(U64, target_session),
    M(HASH, process),
    M(HASH, parent),
    M(HASH, path),
    M(U64, record),
    M(U64, offset),
    M(HASH, group),
    M(U32, event_id),
    M(U32, pid),
    {U8, 0, offsetof(OF, flags), TCS_FINDING_FLAGS},
    {U8, 0, offsetof(OF, activity), TCS_ACTS - 1},
};
#undef OF
#define OF struct chain_obs
static const struct member obs_members[] = {
    M(HASH, key),
    {U8, 0, offsetof(OF, kind), TCS_OBS_KINDS - 1},
    {U8, 0, offsetof(OF, logon_type), UINT8_MAX},
    N(HOSTS, host),
    N(ACCOUNTS, user),
    N(ACCOUNTS, target),
    N(ACCOUNTS, user_id),
    N(ACCOUNTS, target_id),
    N(HOSTS, source_host),
    N(ADDRESSES, source_ip),
    N(HOSTS, dest_host),
    N(TEXTS, file),
    N(TEXTS, channel),
    N(TEXTS, object),
    M(U64, session),
    M(U64, linked),
    M(HASH, process),
    M(HASH, parent),
    M(U64, record),
    M(U64, offset),
    M(U32, event_id),
    M(U32, pid),
};
#undef OF
#undef M
#undef N

struct row {
    const struct member *members;
    uint32_t n;
    size_t size, time;
};

static const struct row rows[] = {
    [FINDINGS] = {finding_members, sizeof finding_members / sizeof *finding_members,
                  sizeof(struct chain_finding), offsetof(struct chain_finding, time)},
    [OBSERVATIONS] = {obs_members, sizeof obs_members / sizeof *obs_members,
                      sizeof(struct chain_obs), offsetof(struct chain_obs, time)},
};

/* --- writing --- */

struct packer {
    const struct tcs_chain_parts *to;
    struct tcs_buf b;
    enum kind kind;
    uint32_t n; /* rows in the part */
    int64_t time;
    /* Of each signature, and of each name from 1 on, that a row has: its place in the image. */
    uint32_t *place[KINDS];
    struct tcs_err *err;
    int r;
};

static void
begin_part(struct packer *p, enum kind kind)
{
    static const char head[HEAD];
    p->b.n = 0;
    p->kind = kind;
    p->n = 0;
    p->time = 0;
    tcs_base_buf_put(&p->b, head, sizeof head);
}

static void
end_part(struct packer *p)
{
    if (p->r < 0 || !p->n)
        return;
    if (p->b.failed) {
        p->r = tcs_base_fail(p->err, TCS_ENOMEM, "out of memory for the chain");
        return;
    }
    p->b.p[0] = (char)p->kind;
    for (unsigned i = 0; i < 4; i++)
        p->b.p[1 + i] = (char)(p->n >> 8 * i);
    p->r = p->to->put(p->to->ctx, tcs_base_buf_view(&p->b), p->err);
}

static void
end_row(struct packer *p)
{
    p->n++;
    if (p->b.n < PART)
        return;
    end_part(p);
    begin_part(p, p->kind);
}

static void
put_bytes(struct tcs_buf *b, uint64_t v, unsigned n)
{
    char bytes[8];
    for (unsigned i = 0; i < n; i++)
        bytes[i] = (char)(v >> 8 * i);
    tcs_base_buf_put(b, bytes, n);
}

static void
put_number(struct tcs_buf *b, uint64_t v)
{
    char bytes[VARINT_MAX];
    unsigned n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (char)(v | 0x80);
    bytes[n++] = (char)v;
    tcs_base_buf_put(b, bytes, n);
}

static void
put_text(struct tcs_buf *b, struct tcs_str s)
{
    put_number(b, s.n);
    tcs_base_buf_str(b, s);
}

/* Of which kind the number is that stands in a row. */
static enum kind
names_kind(const struct member *m)
{
    return m->type == SIGNATURE ? SIGNATURES : (enum kind)m->names;
}

static uint64_t
member_of(const struct member *m, const char *item)
{
    uint32_t v32;
    uint64_t v;
    if (m->type == U8)
        return *(const uint8_t *)(item + m->at);
    if (m->type == U64 || m->type == HASH) {
        memcpy(&v, item + m->at, sizeof v);
        return v;
    }
    memcpy(&v32, item + m->at, sizeof v32);
    return v32;
}

/* Only what a row has is written: of the rest nothing is kept, and signatures may be unknown when
 * the image is read. */
static void
mark(struct packer *p, enum kind kind, const void *items, uint32_t n)
{
    const struct row *row = &rows[kind];
    const char *item = items;
    for (uint32_t i = 0; i < n; i++, item += row->size)
        for (uint32_t k = 0; k < row->n; k++) {
            const struct member *m = &row->members[k];
            if (m->type == NAME || m->type == SIGNATURE)
                p->place[names_kind(m)][member_of(m, item)] = 1;
        }
}

static struct chain_names *
names_of(struct tcs_chain *c, enum kind kind)
{
    return kind == HOSTS      ? &c->e.hosts
           : kind == ACCOUNTS ? &c->e.accounts
           : kind == TEXTS    ? &c->e.texts
                              : &c->e.addresses;
}

static bool
mark_all(struct packer *p, struct tcs_chain *c)
{
    for (int kind = SIGNATURES; kind <= TEXTS; kind++) {
        uint32_t n = kind == SIGNATURES ? c->nsigs : names_of(c, (enum kind)kind)->n;
        p->place[kind] = calloc(n + 1u, sizeof *p->place[kind]);
        if (!p->place[kind])
            return false;
    }
    mark(p, FINDINGS, c->findings, c->nfindings);
    mark(p, OBSERVATIONS, c->obs, c->nobs);
    return true;
}

static void
put_signatures(struct packer *p, const struct tcs_chain *c)
{
    uint32_t n = 0;
    begin_part(p, SIGNATURES);
    for (uint32_t i = 0; i < c->nsigs; i++) {
        if (!p->place[SIGNATURES][i])
            continue;
        p->place[SIGNATURES][i] = n++;
        put_text(&p->b, c->sigs[i].s.id);
        end_row(p);
    }
    end_part(p);
}

static void
put_names(struct packer *p, enum kind kind, const struct chain_names *names)
{
    uint32_t count = 0;
    begin_part(p, kind);
    p->place[kind][0] = CHAIN_NONE;
    for (uint32_t i = 1; i < names->n && p->r == 0; i++) {
        const struct chain_name *n = &names->at[i];
        bool other = !tcs_base_str_eq(n->key, n->shown);
        if (!p->place[kind][i])
            continue;
        p->place[kind][i] = ++count;
        put_text(&p->b, n->key);
        put_number(&p->b, (n->stop ? NAME_SYSTEM : 0u) | (other ? NAME_SHOWN : 0u));
        if (other)
            put_text(&p->b, n->shown);
        end_row(p);
    }
    end_part(p);
}

static void
put_row(struct packer *p, const struct row *row, const char *item)
{
    uint64_t v[32];
    uint32_t there = 0;
    int64_t time;
    TCS_INVARIANT(row->n <= 32);
    memcpy(&time, item + row->time, sizeof time);
    for (uint32_t i = 0; i < row->n; i++) {
        v[i] = member_of(&row->members[i], item);
        if (row->members[i].type == NAME || row->members[i].type == SIGNATURE)
            v[i] = p->place[names_kind(&row->members[i])][v[i]];
        there |= (uint32_t)(v[i] != 0) << i;
    }
    put_bytes(&p->b, there, 4);
    int64_t step = time - p->time;
    put_number(&p->b, ((uint64_t)step << 1) ^ (uint64_t)(step >> 63));
    p->time = time;
    for (uint32_t i = 0; i < row->n; i++)
        if (v[i] && row->members[i].type == HASH)
            put_bytes(&p->b, v[i], 8);
        else if (v[i])
            put_number(&p->b, v[i]);
    end_row(p);
}

static void
put_rows(struct packer *p, enum kind kind, const void *items, uint32_t n)
{
    const char *at = items;
    begin_part(p, kind);
    for (uint32_t i = 0; i < n && p->r == 0; i++)
        put_row(p, &rows[kind], at + i * rows[kind].size);
    end_part(p);
}

/* So that all that was left out is told, whenever it was. */
static void
put_left_out(struct packer *p, const struct tcs_chain *c)
{
    begin_part(p, LEFT_OUT);
    for (uint32_t i = 0; i < c->nleft_out && p->r == 0; i++) {
        const struct tcs_left_out *l = &c->left_out[i];
        put_text(&p->b, l->source);
        put_number(&p->b, l->findings);
        put_number(&p->b, l->grave);
        put_number(&p->b, l->observations);
        end_row(p);
    }
    end_part(p);
}

int
tcs_chain_pack(struct tcs_chain *c, const struct tcs_chain_parts *to, struct tcs_err *err)
{
    struct packer p = {.to = to, .err = err};
    if (c->finished)
        return tcs_base_fail(err, TCS_EUSAGE, "the chain was finished before");
    if (c->limits_shrank || chain_entities_failed(&c->e))
        return 1;
    if (!chain_sort_fed(c) || !chain_addresses_moved(c) || !mark_all(&p, c))
        p.r = tcs_base_fail(err, TCS_ENOMEM, "out of memory for the chain");
    for (int kind = SIGNATURES; kind <= TEXTS && p.r == 0; kind++) {
        if (kind == SIGNATURES)
            put_signatures(&p, c);
        else
            put_names(&p, (enum kind)kind, names_of(c, (enum kind)kind));
    }
    put_rows(&p, FINDINGS, c->findings, c->nfindings);
    put_rows(&p, OBSERVATIONS, c->obs, c->nobs);
    put_left_out(&p, c);
    for (int kind = 0; kind < KINDS; kind++)
        free(p.place[kind]);
    tcs_base_buf_done(&p.b);
    return p.r;
}

/* --- reading --- */

struct tcs_chain_unpacker {
    struct tcs_chain *c;
    enum kind kind;
    uint32_t *of[KINDS], n[KINDS], cap[KINDS]; /* the chain's numbers; of names from 1 */
};

struct bytes {
    const unsigned char *at, *end;
    bool bad;
};

struct tcs_chain_unpacker *
tcs_chain_unpacker_new(struct tcs_chain *c)
{
    struct tcs_chain_unpacker *u = calloc(1, sizeof *u);
    if (u)
        u->c = c;
    return u;
}

void
tcs_chain_unpacker_free(struct tcs_chain_unpacker *u)
{
    for (int i = 0; u && i < KINDS; i++)
        free(u->of[i]);
    free(u);
}

static uint64_t
get_number(struct bytes *b)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && b->at < b->end; shift += 7) {
        unsigned char x = *b->at++;
        v |= (uint64_t)(x & 0x7f) << shift;
        if (x < 0x80)
            return v;
    }
    b->bad = true;
    return 0;
}

static uint64_t
get_bytes(struct bytes *b, unsigned n)
{
    uint64_t v = 0;
    if ((size_t)(b->end - b->at) < n) {
        b->bad = true;
        return 0;
    }
    for (unsigned i = 0; i < n; i++)
        v |= (uint64_t)b->at[i] << 8 * i;
    b->at += n;
    return v;
}

static struct tcs_str
get_text(struct bytes *b)
{
    uint64_t n = get_number(b);
    if (b->bad || n > TEXT_MAX || n > (uint64_t)(b->end - b->at)) {
        b->bad = true;
        return (struct tcs_str){0};
    }
    struct tcs_str s = {(const char *)b->at, (size_t)n};
    b->at += n;
    return s;
}

static bool
number_of(struct tcs_chain_unpacker *u, enum kind kind, uint32_t number)
{
    uint32_t first = kind != SIGNATURES; /* 0 is no name */
    if (!tcs_base_grow(&u->of[kind], &u->cap[kind], u->n[kind] + first, 1, sizeof *u->of[kind]))
        return false;
    u->of[kind][0] = u->n[kind] ? u->of[kind][0] : 0;
    u->of[kind][first + u->n[kind]++] = number;
    return true;
}

static bool
get_signature(struct tcs_chain_unpacker *u, struct bytes *b)
{
    uint32_t i = tcs_base_map_get(&u->c->sig_map, get_text(b));
    b->bad = b->bad || i == TCS_MAP_NONE;
    return b->bad || number_of(u, SIGNATURES, i);
}

static bool
get_name(struct tcs_chain_unpacker *u, struct bytes *b, enum kind kind)
{
    struct tcs_str key = get_text(b), shown = key;
    uint64_t what = get_number(b);
    if (what & NAME_SHOWN)
        shown = get_text(b);
    b->bad = b->bad || !key.n || what > (NAME_SYSTEM | NAME_SHOWN);
    if (b->bad)
        return true;
    uint32_t id = chain_name_again(names_of(u->c, kind), key, shown, what & NAME_SYSTEM);
    return number_of(u, kind, id);
}

static void
set_member(const struct tcs_chain_unpacker *u, struct bytes *b, const struct member *m, char *item)
{
    uint64_t v = m->type == HASH ? get_bytes(b, 8) : get_number(b);
    enum kind kind = names_kind(m);
    uint32_t v32 = (uint32_t)v;
    if (m->type == U8) {
        b->bad = b->bad || v > m->max;
        *(uint8_t *)(item + m->at) = (uint8_t)v;
        return;
    }
    if (m->type == U64 || m->type == HASH) {
        memcpy(item + m->at, &v, sizeof v);
        return;
    }
    b->bad = b->bad || v > UINT32_MAX;
    if (m->type != U32) {
        b->bad = b->bad || v >= u->n[kind] + (uint64_t)(m->type == NAME);
        v32 = b->bad || (m->type == NAME && !v) ? 0 : u->of[kind][v];
    }
    memcpy(item + m->at, &v32, sizeof v32);
}

/* Signatures count from 0, and a number that is 0 is not written. */
static void
first_signature(const struct tcs_chain_unpacker *u, struct bytes *b, struct chain_finding *d)
{
    b->bad = b->bad || !u->n[SIGNATURES];
    d->sig = b->bad ? 0 : u->of[SIGNATURES][0];
}

static void
get_row(const struct tcs_chain_unpacker *u, struct bytes *b, const struct row *row, int64_t *time,
        char *item)
{
    uint32_t there = (uint32_t)get_bytes(b, 4);
    uint64_t step = get_number(b);
    *time = (int64_t)((uint64_t)*time + ((step >> 1) ^ (0 - (step & 1))));
    memcpy(item + row->time, time, sizeof *time);
    b->bad = b->bad || !tcs_base_time_usable(*time) || (row->n < 32 && there >> row->n);
    for (; there && !b->bad; there &= there - 1)
        set_member(u, b, &row->members[__builtin_ctz(there)], item);
}

static int
get_finding(struct tcs_chain_unpacker *u, struct bytes *b, int64_t *time, struct tcs_err *err)
{
    struct chain_finding d = {0};
    first_signature(u, b, &d);
    get_row(u, b, &rows[FINDINGS], time, (char *)&d);
    return b->bad ? 0 : chain_take_finding(u->c, &d, err);
}

static int
get_obs(struct tcs_chain_unpacker *u, struct bytes *b, int64_t *time, struct tcs_err *err)
{
    struct chain_obs o = {0};
    get_row(u, b, &rows[OBSERVATIONS], time, (char *)&o);
    return b->bad ? 0 : chain_take_obs(u->c, &o, err);
}

static void
get_left_out(struct tcs_chain_unpacker *u, struct bytes *b)
{
    struct tcs_left_out l = {.source = get_text(b)};
    l.findings = get_number(b);
    l.grave = get_number(b);
    l.observations = get_number(b);
    b->bad =
        b->bad || l.grave > l.findings || l.findings > UINT32_MAX || l.observations > UINT32_MAX;
    if (!b->bad)
        chain_left_out_again(u->c, &l);
}

int
tcs_chain_unpack(struct tcs_chain_unpacker *u, struct tcs_str part, struct tcs_err *err)
{
    struct bytes b = {(const unsigned char *)part.p, (const unsigned char *)part.p + part.n, false};
    uint64_t kind = get_bytes(&b, 1), n = get_bytes(&b, 4);
    int64_t time = 0;
    int r = 0;
    b.bad = b.bad || kind >= KINDS || kind < (uint64_t)u->kind;
    u->kind = b.bad ? u->kind : (enum kind)kind;
    for (uint64_t i = 0; i < n && r == 0 && !b.bad; i++) {
        if (kind == FINDINGS)
            r = get_finding(u, &b, &time, err);
        else if (kind == OBSERVATIONS)
            r = get_obs(u, &b, &time, err);
        else if (kind == LEFT_OUT)
            get_left_out(u, &b);
        else if (kind == SIGNATURES ? !get_signature(u, &b) : !get_name(u, &b, (enum kind)kind))
            r = tcs_base_fail(err, TCS_ENOMEM, "out of memory for the chain");
    }
    if (r == 0 && (b.bad || b.at != b.end))
        r = tcs_base_fail(err, TCS_ECORRUPT, "the image of what was found is damaged");
    return r;
}
