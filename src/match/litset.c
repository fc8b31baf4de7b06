/* match/litset.c - literals by hash, in two ways.
 *
 * Anchored ones cost no scan: the whole text, its last 8 bytes, its first 8, 16 and 24, and for
 * short literals as many as they have, are looked up in hash tables.
 *
 * Contained ones are found by grams: each literal gives a few consecutive runs of four of its
 * bytes, where they are least usual, to a bitmap; the text is sampled every fourth (second,
 * single) position; a set bit leads to the literals with that gram, which are compared whole.  A
 * literal of 4 + k - 1 bytes may be sampled every k-th position, if it gives k grams; the
 * shortest literal of a set decides for all of them, so that the text is gone through once.
 * Literals of two or three bytes have a map of pairs of their own.  Literals with a character
 * beyond ASCII are keyed by that character and looked for only in texts that have some. */
#include "match/litset.h"

#include "base/hash.h"
#include "base/invariant.h"
#include "base/utf.h"

enum {
    GRAM = 4,
    USUAL = 16,     /* cost of a gram from the list of usual texts */
    PLACE_MAX = 64, /* how far into a literal its place is looked for */
};

/* A literal in a bucket: it is there if its text stands `off` bytes before the key's place. */
struct entry {
    const char *p;
    uint64_t check; /* 8 bytes of it away from the key: a look before the comparison */
    uint32_t n, off, id;
    uint16_t check_at;
    bool checked; /* it has 8 bytes */
};

struct bucket {
    uint64_t key;
    uint32_t first, n; /* entries; n == 0: free */
};

struct table {
    struct bucket *buckets;
    struct entry *entries;
    uint32_t mask, n;
};

struct gram_map {
    struct table table;
    uint64_t *bits;
    unsigned shift; /* of the 32-bit hash */
};

/* HEAD24: the key is the first 24 bytes; SHORT: the literal, which has fewer than 8, is the key. */
enum anchor { WHOLE, HEAD24, HEAD16, HEAD8, HEAD_SHORT, TAIL8, TAIL_SHORT, ANCHORS };

struct tcs_litset {
    struct table anchors[ANCHORS];
    struct gram_map grams;
    unsigned stride;       /* of the sampling for grams */
    struct gram_map pairs; /* literals of two or three bytes */
    struct gram_map wide;  /* by character beyond ASCII */
    size_t shortest, longest;
    uint64_t whole_sizes;           /* bit min(n, 63): an EXACT literal has that length */
    uint8_t head_sizes, tail_sizes; /* bit n: a HEAD_SHORT, TAIL_SHORT literal has that length */
};

/* --- building --------------------------------------------------------------------------------- */

/* What is everywhere in command lines and paths: grams from here are the last choice. */
static const char usual[] =
    "c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe cmd.exe /c start "
    "c:\\program files (x86)\\microsoft "
    "office\\root\\appdata\\local\\temp\\roaming\\users\\public\\"
    "programdata\\syswow64\\rundll32.exe .dll .ps1 .bat https://www. http:// "
    "\\software\\microsoft\\windows nt\\currentversion\\run\\currentcontrolset\\services\\ "
    "-command -noprofile -executionpolicy bypass imphash= invoke- -object new- get- set-";

static bool
ascii(struct tcs_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

bool
tcs_match_litset_takes(uint8_t kind, struct tcs_str text)
{
    if (kind == TCS_LIT_EXACT)
        return true;
    if (kind != TCS_LIT_CONTAINS)
        return text.n > 0;
    return text.n >= 2;
}

static inline uint32_t
load32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t
load16(const char *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t
load64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t
gram_hash(uint32_t gram)
{
    return gram * 0x9e3779b1u;
}

/* A key with the literal it leads to, before they are put into buckets. */
struct pair {
    uint64_t key;
    struct entry entry;
    uint32_t next; /* of the same bucket */
};

struct pairs {
    struct pair *p;
    uint32_t n;
};

static inline uint32_t
slot_of(const struct table *t, uint64_t key)
{
    return (uint32_t)(tcs_base_hash_mix(key, 0)) & t->mask;
}

/* The bucket of `key`, or the free one where it belongs. */
static struct bucket *
bucket_of(const struct table *t, uint64_t key)
{
    uint32_t i = slot_of(t, key);
    while (t->buckets[i].n && t->buckets[i].key != key)
        i = (i + 1) & t->mask;
    return &t->buckets[i];
}

/* Entries of one bucket end up next to each other. */
static bool
table_build(struct tcs_arena *a, struct table *t, struct pairs pairs)
{
    uint32_t size = 4, used = 0;
    if (pairs.n == 0)
        return true;
    while (size < pairs.n * 2)
        size *= 2;
    *t = (struct table){.buckets = tcs_base_arena_array(a, size, sizeof *t->buckets),
                        .entries = tcs_base_arena_array(a, pairs.n, sizeof *t->entries),
                        .mask = size - 1,
                        .n = pairs.n};
    if (!t->buckets || !t->entries)
        return false;
    for (uint32_t i = 0; i < pairs.n; i++) {
        struct bucket *b = bucket_of(t, pairs.p[i].key);
        b->key = pairs.p[i].key;
        pairs.p[i].next = b->first; /* for now the chain's head, by index + 1 */
        b->first = i + 1;
        b->n++;
    }
    for (uint32_t s = 0; s < size; s++) {
        struct bucket *b = &t->buckets[s];
        uint32_t at = b->first;
        b->first = used;
        for (; at; at = pairs.p[at - 1].next)
            t->entries[used++] = pairs.p[at - 1].entry;
    }
    return true;
}

static bool
map_build(struct tcs_arena *a, struct gram_map *t, struct pairs pairs)
{
    unsigned log = 10; /* bits of the map: 32 per gram keep false hits rare */
    if (pairs.n == 0)
        return true;
    while (log < 19 && (1u << log) < pairs.n * 32)
        log++;
    t->shift = 32 - log;
    t->bits = tcs_base_arena_array(a, (1u << log) / 64, sizeof *t->bits);
    if (!t->bits || !table_build(a, &t->table, pairs))
        return false;
    for (uint32_t i = 0; i < pairs.n; i++) {
        uint32_t h = gram_hash((uint32_t)pairs.p[i].key) >> t->shift;
        t->bits[h / 64] |= 1ull << h % 64;
    }
    return true;
}

static void
add(struct pairs *to, uint64_t key, const struct tcs_lit *lit, size_t off)
{
    struct entry e = {.p = lit->text.p,
                      .n = (uint32_t)lit->text.n,
                      .off = (uint32_t)off,
                      .id = lit->id,
                      .checked = lit->text.n >= 8};
    /* keys at the start are followed by the usual: C:\Windows\..., so look at the end */
    if (e.checked && off == 0)
        e.check_at = (uint16_t)(e.n - 8 < UINT16_MAX ? e.n - 8 : UINT16_MAX);
    if (e.checked)
        e.check = load64(e.p + e.check_at);
    to->p[to->n++] = (struct pair){.key = key, .entry = e};
}

static uint32_t
cost_bit(uint32_t gram)
{
    return gram_hash(gram) >> 20;
}

void
tcs_match_lit_costs_init(struct tcs_lit_costs *c)
{
    *c = (struct tcs_lit_costs){.letter = {[' '] = 1}};
    for (int l = 'a'; l <= 'z'; l++)
        c->letter[l] = strchr("etaoinsr", l) ? 2 : 1;
    for (size_t i = 0; i + GRAM < sizeof usual; i++) {
        uint32_t h = cost_bit(load32(usual + i));
        c->bits[h / 64] |= 1ull << h % 64;
    }
}

/* How usual the gram is: in the list above; otherwise letters are more usual than the rest. */
static unsigned
gram_cost(const struct tcs_lit_costs *c, const char *p)
{
    uint32_t h = cost_bit(load32(p));
    unsigned cost = c->bits[h / 64] >> h % 64 & 1 ? USUAL : 0;
    for (int i = 0; i < GRAM; i++)
        cost += c->letter[(unsigned char)p[i]];
    return cost;
}

/* Where the window of `stride` consecutive grams with the least usual ones starts. */
static size_t
best_window(const struct tcs_lit_costs *c, struct tcs_str s, unsigned stride)
{
    size_t best = 0, last = s.n - GRAM - (stride - 1);
    unsigned least = ~0u;
    for (size_t at = 0; at <= last && at < PLACE_MAX; at++) {
        unsigned cost = 0;
        for (unsigned k = 0; k < stride; k++)
            cost += gram_cost(c, s.p + at + k);
        if (cost < least) {
            least = cost;
            best = at;
        }
    }
    return best;
}

static inline uint32_t
character(const char *p, size_t len)
{
    uint32_t v = 0;
    memcpy(&v, p, len);
    return v;
}

/* The widest sampling that finds a literal of n bytes wherever it stands. */
static unsigned
stride_of(size_t n)
{
    return n >= GRAM - 1 + 4 ? 4 : n >= GRAM - 1 + 2 ? 2 : 1;
}

uint16_t
tcs_match_litset_place(const struct tcs_lit_costs *c, uint8_t kind, struct tcs_str text)
{
    if (kind != TCS_LIT_CONTAINS)
        return 0;
    if (!ascii(text)) {
        size_t i = text.n < PLACE_MAX ? text.n : PLACE_MAX;
        while (i-- > 0)
            if (tcs_base_utf8_len(text, i) > 1)
                return (uint16_t)i;
    }
    if (text.n < GRAM) /* of two pairs the one with less usual bytes */
        return text.n == 3 &&
               c->letter[(unsigned char)text.p[2]] < c->letter[(unsigned char)text.p[0]];
    return (uint16_t)best_window(c, text, stride_of(text.n));
}

bool
tcs_match_litset_usual(const struct tcs_lit_costs *c, struct tcs_str text)
{
    if (text.n < GRAM)
        return false;
    for (size_t i = 0; i + GRAM <= text.n; i++)
        if (gram_cost(c, text.p + i) < USUAL)
            return false;
    return true;
}

struct sorting {
    struct pairs anchors[ANCHORS], grams, pairs, wide;
    unsigned stride;
};

/* Is it looked for by the character beyond ASCII at its place? */
static bool
is_wide(const struct tcs_lit *lit)
{
    return (unsigned char)lit->text.p[lit->place] >= 0x80;
}

static unsigned
least_stride(const struct tcs_lit *lits, uint32_t n)
{
    unsigned least = stride_of(SIZE_MAX);
    for (uint32_t i = 0; i < n; i++)
        if (lits[i].kind == TCS_LIT_CONTAINS && lits[i].text.n >= GRAM && !is_wide(&lits[i]) &&
            stride_of(lits[i].text.n) < least)
            least = stride_of(lits[i].text.n);
    return least;
}

static void
sort_contained(struct sorting *s, const struct tcs_lit *lit)
{
    size_t at = lit->place;
    if (is_wide(lit)) {
        add(&s->wide, character(lit->text.p + at, tcs_base_utf8_len(lit->text, at)), lit, at);
        return;
    }
    if (lit->text.n < GRAM) {
        add(&s->pairs, load16(lit->text.p + at), lit, at);
        return;
    }
    for (unsigned k = 0; k < s->stride; k++)
        add(&s->grams, load32(lit->text.p + at + k), lit, at + k);
}

/* A literal of fewer than 8 bytes as a number. */
static inline uint64_t
short_key(const char *p, size_t n)
{
    uint64_t key = 0;
    memcpy(&key, p, n);
    return key ^ (uint64_t)n << 56;
}

static void
sort_prefix(struct sorting *s, const struct tcs_lit *lit)
{
    size_t n = lit->text.n;
    const char *p = lit->text.p;
    if (n >= 24)
        add(&s->anchors[HEAD24], tcs_base_hash(p, 24, 0), lit, 0);
    else if (n >= 16)
        add(&s->anchors[HEAD16], tcs_base_hash(p, 16, 0), lit, 0);
    else if (n >= 8)
        add(&s->anchors[HEAD8], load64(p), lit, 0);
    else
        add(&s->anchors[HEAD_SHORT], short_key(p, n), lit, 0);
}

static void
sort_lit(struct sorting *s, const struct tcs_lit *lit)
{
    size_t n = lit->text.n;
    const char *p = lit->text.p;
    if (lit->kind == TCS_LIT_CONTAINS)
        sort_contained(s, lit);
    else if (lit->kind == TCS_LIT_EXACT)
        add(&s->anchors[WHOLE], tcs_base_hash(p, n, 0), lit, 0);
    else if (lit->kind == TCS_LIT_PREFIX)
        sort_prefix(s, lit);
    else if (n >= 8)
        add(&s->anchors[TAIL8], load64(p + n - 8), lit, n - 8);
    else
        add(&s->anchors[TAIL_SHORT], short_key(p, n), lit, 0);
}

static void
note_size(struct tcs_litset *ls, const struct tcs_lit *lit)
{
    size_t n = lit->text.n;
    ls->shortest = n < ls->shortest ? n : ls->shortest;
    ls->longest = n > ls->longest ? n : ls->longest;
    if (lit->kind != TCS_LIT_EXACT)
        ls->longest = SIZE_MAX;
    else
        ls->whole_sizes |= 1ull << (n < 63 ? n : 63);
    if (lit->kind == TCS_LIT_PREFIX && n < 8)
        ls->head_sizes |= (uint8_t)(1u << n);
    if (lit->kind == TCS_LIT_SUFFIX && n < 8)
        ls->tail_sizes |= (uint8_t)(1u << n);
}

static bool
sorting_new(struct sorting *s, struct tcs_arena *tmp, const struct tcs_lit *lits, uint32_t n)
{
    *s = (struct sorting){.stride = least_stride(lits, n)};
    for (int i = 0; i < ANCHORS; i++)
        s->anchors[i].p = tcs_base_arena_alloc(tmp, n * sizeof(struct pair));
    s->grams.p = tcs_base_arena_alloc(tmp, (size_t)n * s->stride * sizeof(struct pair));
    s->pairs.p = tcs_base_arena_alloc(tmp, n * sizeof(struct pair));
    s->wide.p = tcs_base_arena_alloc(tmp, n * sizeof(struct pair));
    return !tcs_base_arena_failed(tmp);
}

struct tcs_litset *
tcs_match_litset_build(struct tcs_arena *a, struct tcs_arena *tmp, const struct tcs_lit *lits,
                       uint32_t n)
{
    struct tcs_litset *ls = tcs_base_arena_zalloc(a, sizeof *ls);
    struct sorting s;
    if (!ls || !sorting_new(&s, tmp, lits, n))
        return NULL;
    ls->shortest = SIZE_MAX;
    ls->stride = s.stride;
    for (uint32_t i = 0; i < n; i++) {
        sort_lit(&s, &lits[i]);
        note_size(ls, &lits[i]);
    }
    bool ok = map_build(a, &ls->wide, s.wide) && map_build(a, &ls->pairs, s.pairs) &&
              map_build(a, &ls->grams, s.grams);
    for (int i = 0; i < ANCHORS; i++)
        ok = ok && table_build(a, &ls->anchors[i], s.anchors[i]);
    return ok ? ls : NULL;
}

/* --- scanning --------------------------------------------------------------------------------- */

struct scan {
    struct tcs_str text;
    void (*hit)(void *ctx, uint32_t id);
    void *ctx;
};

static inline bool
same(const struct entry *e, const char *p, size_t left)
{
    if (e->n > left || (e->checked && load64(p + e->check_at) != e->check))
        return false;
    return memcmp(p, e->p, e->n) == 0;
}

/* Reports the literals of the key that stand around `at`. */
static void
try_key(const struct scan *s, const struct table *t, uint64_t key, size_t at)
{
    const struct bucket *b = bucket_of(t, key);
    for (uint32_t i = 0; i < b->n; i++) {
        const struct entry *e = &t->entries[b->first + i];
        if (e->off <= at && same(e, s->text.p + at - e->off, s->text.n - (at - e->off)))
            s->hit(s->ctx, e->id);
    }
}

static void
scan_whole(const struct scan *s, const struct tcs_litset *ls)
{
    size_t n = s->text.n;
    const struct table *t = &ls->anchors[WHOLE];
    if (!(ls->whole_sizes >> (n < 63 ? n : 63) & 1))
        return;
    const struct bucket *b = bucket_of(t, tcs_base_hash(s->text.p, n, 0));
    for (uint32_t i = 0; i < b->n; i++) {
        const struct entry *e = &t->entries[b->first + i];
        if (e->n == n && (n == 0 || memcmp(s->text.p, e->p, n) == 0))
            s->hit(s->ctx, e->id);
    }
}

static void
scan_short(const struct scan *s, const struct tcs_litset *ls)
{
    for (size_t n = 1; n < 8 && n <= s->text.n; n++) {
        if (ls->head_sizes >> n & 1)
            try_key(s, &ls->anchors[HEAD_SHORT], short_key(s->text.p, n), 0);
        if (ls->tail_sizes >> n & 1)
            try_key(s, &ls->anchors[TAIL_SHORT], short_key(s->text.p + s->text.n - n, n),
                    s->text.n - n);
    }
}

static void
scan_anchors(const struct scan *s, const struct tcs_litset *ls)
{
    size_t n = s->text.n;
    const char *p = s->text.p;
    if (ls->anchors[WHOLE].n)
        scan_whole(s, ls);
    if (ls->anchors[TAIL8].n && n >= 8)
        try_key(s, &ls->anchors[TAIL8], load64(p + n - 8), n - 8);
    if (ls->anchors[HEAD8].n && n >= 8)
        try_key(s, &ls->anchors[HEAD8], load64(p), 0);
    if (ls->anchors[HEAD16].n && n >= 16)
        try_key(s, &ls->anchors[HEAD16], tcs_base_hash(p, 16, 0), 0);
    if (ls->anchors[HEAD24].n && n >= 24)
        try_key(s, &ls->anchors[HEAD24], tcs_base_hash(p, 24, 0), 0);
    if (ls->head_sizes | ls->tail_sizes)
        scan_short(s, ls);
}

static inline bool
marked(const uint64_t *bits, unsigned shift, uint32_t gram)
{
    uint32_t h = gram_hash(gram) >> shift;
    return bits[h / 64] >> h % 64 & 1;
}

/* The map is in locals, so that it stays in registers in spite of the calls. */
static inline void
scan_grams(const struct scan *s, const struct gram_map *t, size_t stride)
{
    const uint64_t *bits = t->bits;
    const unsigned shift = t->shift;
    const char *p = s->text.p;
    const size_t n = s->text.n;
    for (size_t i = 0; i + GRAM <= n; i += stride) {
        uint32_t gram = load32(p + i);
        if (__builtin_expect(marked(bits, shift, gram), 0))
            try_key(s, &t->table, gram, i);
    }
}

static void
scan_pairs(const struct scan *s, const struct gram_map *t)
{
    const uint64_t *bits = t->bits;
    const unsigned shift = t->shift;
    const char *p = s->text.p;
    const size_t n = s->text.n;
    for (size_t i = 0; i + 2 <= n; i++) {
        uint32_t pair = load16(p + i);
        if (__builtin_expect(marked(bits, shift, pair), 0))
            try_key(s, &t->table, pair, i);
    }
}

static void
scan_wide(const struct scan *s, const struct gram_map *t)
{
    for (size_t i = 0; i < s->text.n; i++) {
        size_t len;
        if (i + 8 <= s->text.n && !(load64(s->text.p + i) & 0x8080808080808080u)) {
            i += 7;
            continue;
        }
        if ((unsigned char)s->text.p[i] < 0xc2 || (len = tcs_base_utf8_len(s->text, i)) < 2)
            continue;
        uint32_t c = character(s->text.p + i, len);
        if (marked(t->bits, t->shift, c))
            try_key(s, &t->table, c, i);
    }
}

void
tcs_match_litset_scan(const struct tcs_litset *ls, struct tcs_str text,
                      void (*hit)(void *ctx, uint32_t id), void *ctx)
{
    struct scan s = {.text = text, .hit = hit, .ctx = ctx};
    if (text.n < ls->shortest || text.n > ls->longest)
        return;
    scan_anchors(&s, ls);
    if (ls->grams.bits && ls->stride == 1) /* a number that the compiler knows */
        scan_grams(&s, &ls->grams, 1);
    else if (ls->grams.bits)
        scan_grams(&s, &ls->grams, ls->stride);
    if (ls->pairs.bits)
        scan_pairs(&s, &ls->pairs);
    if (ls->wide.bits)
        scan_wide(&s, &ls->wide);
}
