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
    MAP_LEAST = 10, /* log2 of the bits of a gram map */
    CHECK = 8,      /* bytes of a literal that are looked at before all of it */
};

/* A literal in a bucket: it is there if its text stands `off` bytes before the key's place. */
struct entry {
    uint64_t check;   /* if it has 8 bytes, those at check_at: a look before the comparison */
    uint32_t text, n; /* in the set's texts */
    uint32_t off, id;
};

/* Entries by their keys' hashes: those of bucket b are from starts[b] to starts[b + 1]. */
struct table {
    const uint32_t *starts; /* mask + 2 of them; NULL: no entries */
    const struct entry *entries;
    uint32_t mask, n;
};

struct gram_map {
    struct table table;
    const uint64_t *bits;
    unsigned shift; /* of the 32-bit hash */
};

/* HEAD24: the key is the first 24 bytes; SHORT: the literal, which has fewer than 8, is the key. */
enum anchor { WHOLE, HEAD24, HEAD16, HEAD8, HEAD_SHORT, TAIL8, TAIL_SHORT, ANCHORS };

/* What is looked at before any table. */
struct sizes {
    size_t shortest, longest;
    uint64_t whole;     /* bit min(n, 63): an EXACT literal has that length */
    uint32_t stride;    /* of the sampling for grams */
    uint8_t head, tail; /* bit n: a HEAD_SHORT, TAIL_SHORT literal has that length */
};

struct tcs_litset {
    struct table anchors[ANCHORS];
    struct gram_map grams;
    struct gram_map pairs; /* literals of two or three bytes */
    struct gram_map wide;  /* by character beyond ASCII */
    struct sizes sizes;
    const char *texts;
    uint32_t ntexts; /* bytes */
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
};

struct pairs {
    struct pair *p;
    uint32_t n;
};

/* A literal, and where its text is in the set's texts. */
struct placed {
    const struct tcs_lit *lit;
    uint32_t at;
};

static inline uint32_t
slot_of(const struct table *t, uint64_t key)
{
    return (uint32_t)(tcs_base_hash_mix(key, 0)) & t->mask;
}

/* Entries of one bucket end up next to each other. */
static bool
table_build(struct tcs_arena *a, struct table *t, struct pairs pairs)
{
    uint32_t size = 4;
    if (pairs.n == 0)
        return true;
    while (size < pairs.n)
        size *= 2;
    uint32_t *starts = tcs_base_arena_array(a, (size_t)size + 1, sizeof *starts);
    struct entry *entries = tcs_base_arena_alloc(a, pairs.n * sizeof *entries);
    if (!starts || !entries)
        return false;
    *t = (struct table){.starts = starts, .entries = entries, .mask = size - 1, .n = pairs.n};
    for (uint32_t i = 0; i < pairs.n; i++)
        starts[slot_of(t, pairs.p[i].key) + 1]++;
    for (uint32_t b = 0; b < size; b++)
        starts[b + 1] += starts[b];
    for (uint32_t i = pairs.n; i-- > 0;) /* backwards: what was an end becomes a start */
        entries[--starts[slot_of(t, pairs.p[i].key) + 1]] = pairs.p[i].entry;
    memmove(starts, starts + 1, size * sizeof *starts);
    starts[size] = pairs.n;
    return true;
}

static bool
map_build(struct tcs_arena *a, struct gram_map *t, struct pairs pairs)
{
    unsigned log = MAP_LEAST; /* bits of the map: 32 per gram keep false hits rare */
    if (pairs.n == 0)
        return true;
    while (log < 19 && (1u << log) < pairs.n * 32)
        log++;
    uint64_t *bits = tcs_base_arena_array(a, (1u << log) / 64, sizeof *bits);
    t->shift = 32 - log;
    t->bits = bits;
    if (!bits || !table_build(a, &t->table, pairs))
        return false;
    for (uint32_t i = 0; i < pairs.n; i++) {
        uint32_t h = gram_hash((uint32_t)pairs.p[i].key) >> t->shift;
        bits[h / 64] |= 1ull << h % 64;
    }
    return true;
}

/* Keys at the start are followed by the usual: C:\\Windows\\..., so look at the end. */
static inline uint32_t
check_at(uint32_t n, uint32_t off)
{
    return off ? 0 : n - CHECK;
}

static void
add(struct pairs *to, uint64_t key, const struct placed *lit, size_t off)
{
    struct tcs_str text = lit->lit->text;
    struct entry e = {
        .text = lit->at, .n = (uint32_t)text.n, .off = (uint32_t)off, .id = lit->lit->id};
    if (e.n >= CHECK)
        e.check = load64(text.p + check_at(e.n, e.off));
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
    unsigned recent[4] = {0}, cost = 0, least = ~0u; /* of the window's grams; their sum */
    size_t best = 0, last = s.n - GRAM - (stride - 1);
    last = last < PLACE_MAX ? last : PLACE_MAX - 1;
    for (size_t at = 0; at < last + stride; at++) {
        unsigned *oldest = &recent[at % stride];
        cost -= *oldest;
        cost += *oldest = gram_cost(c, s.p + at);
        if (at + 1 >= stride && cost < least) {
            least = cost;
            best = at + 1 - stride;
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
sort_contained(struct sorting *s, const struct placed *lit)
{
    size_t at = lit->lit->place;
    struct tcs_str text = lit->lit->text;
    if (is_wide(lit->lit)) {
        add(&s->wide, character(text.p + at, tcs_base_utf8_len(text, at)), lit, at);
        return;
    }
    if (text.n < GRAM) {
        add(&s->pairs, load16(text.p + at), lit, at);
        return;
    }
    for (unsigned k = 0; k < s->stride; k++)
        add(&s->grams, load32(text.p + at + k), lit, at + k);
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
sort_prefix(struct sorting *s, const struct placed *lit)
{
    size_t n = lit->lit->text.n;
    const char *p = lit->lit->text.p;
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
sort_lit(struct sorting *s, const struct placed *lit)
{
    size_t n = lit->lit->text.n;
    const char *p = lit->lit->text.p;
    if (lit->lit->kind == TCS_LIT_CONTAINS)
        sort_contained(s, lit);
    else if (lit->lit->kind == TCS_LIT_EXACT)
        add(&s->anchors[WHOLE], tcs_base_hash(p, n, 0), lit, 0);
    else if (lit->lit->kind == TCS_LIT_PREFIX)
        sort_prefix(s, lit);
    else if (n >= 8)
        add(&s->anchors[TAIL8], load64(p + n - 8), lit, n - 8);
    else
        add(&s->anchors[TAIL_SHORT], short_key(p, n), lit, n); /* its key's place is the end */
}

static void
note_size(struct sizes *z, const struct tcs_lit *lit)
{
    size_t n = lit->text.n;
    z->shortest = n < z->shortest ? n : z->shortest;
    z->longest = n > z->longest ? n : z->longest;
    if (lit->kind != TCS_LIT_EXACT)
        z->longest = SIZE_MAX;
    else
        z->whole |= 1ull << (n < 63 ? n : 63);
    if (lit->kind == TCS_LIT_PREFIX && n < 8)
        z->head |= (uint8_t)(1u << n);
    if (lit->kind == TCS_LIT_SUFFIX && n < 8)
        z->tail |= (uint8_t)(1u << n);
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
    size_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += lits[i].text.n;
    char *texts = total <= UINT32_MAX ? tcs_base_arena_alloc(a, total) : NULL;
    if (!ls || !texts || !sorting_new(&s, tmp, lits, n))
        return NULL;
    ls->texts = texts;
    ls->sizes = (struct sizes){.shortest = SIZE_MAX, .stride = s.stride};
    for (uint32_t i = 0; i < n; i++) {
        sort_lit(&s, &(struct placed){&lits[i], ls->ntexts});
        note_size(&ls->sizes, &lits[i]);
        if (lits[i].text.n)
            memcpy(texts + ls->ntexts, lits[i].text.p, lits[i].text.n);
        ls->ntexts += (uint32_t)lits[i].text.n;
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
    const char *texts; /* the set's */
    void (*hit)(void *ctx, uint32_t id);
    void *ctx;
};

static inline bool
same(const struct scan *s, const struct entry *e, size_t at)
{
    const char *p = s->text.p + at;
    if (e->n > s->text.n - at || (e->n >= CHECK && load64(p + check_at(e->n, e->off)) != e->check))
        return false;
    return memcmp(p, s->texts + e->text, e->n) == 0;
}

/* Reports the literals that stand around `at`, of those whose keys share a bucket with `key`. */
static void
try_key(const struct scan *s, const struct table *t, uint64_t key, size_t at)
{
    const uint32_t *span = t->starts + slot_of(t, key);
    for (uint32_t i = span[0]; i < span[1]; i++) {
        const struct entry *e = &t->entries[i];
        if (e->off <= at && same(s, e, at - e->off))
            s->hit(s->ctx, e->id);
    }
}

static void
scan_whole(const struct scan *s, const struct tcs_litset *ls)
{
    size_t n = s->text.n;
    const struct table *t = &ls->anchors[WHOLE];
    if (!(ls->sizes.whole >> (n < 63 ? n : 63) & 1))
        return;
    const uint32_t *span = t->starts + slot_of(t, tcs_base_hash(s->text.p, n, 0));
    for (uint32_t i = span[0]; i < span[1]; i++) {
        const struct entry *e = &t->entries[i];
        if (e->n == n && (n == 0 || memcmp(s->text.p, s->texts + e->text, n) == 0))
            s->hit(s->ctx, e->id);
    }
}

static void
scan_short(const struct scan *s, const struct tcs_litset *ls)
{
    size_t all = s->text.n;
    for (size_t n = 1; n < 8 && n <= all; n++) {
        if (ls->sizes.head >> n & 1)
            try_key(s, &ls->anchors[HEAD_SHORT], short_key(s->text.p, n), 0);
        if (ls->sizes.tail >> n & 1)
            try_key(s, &ls->anchors[TAIL_SHORT], short_key(s->text.p + all - n, n), all);
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
    if (ls->sizes.head | ls->sizes.tail)
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
    struct scan s = {.text = text, .texts = ls->texts, .hit = hit, .ctx = ctx};
    if (text.n < ls->sizes.shortest || text.n > ls->sizes.longest)
        return;
    scan_anchors(&s, ls);
    if (ls->grams.bits && ls->sizes.stride == 1) /* a number that the compiler knows */
        scan_grams(&s, &ls->grams, 1);
    else if (ls->grams.bits)
        scan_grams(&s, &ls->grams, ls->sizes.stride);
    if (ls->pairs.bits)
        scan_pairs(&s, &ls->pairs);
    if (ls->wide.bits)
        scan_wide(&s, &ls->wide);
}

/* --- images -----------------------------------------------------------------------------------
 *
 * sizes | texts | for each table: entries, and if there are some the starts | for each map with
 * entries: its shift, its bits */

static void
save_table(struct tcs_buf *b, const struct table *t)
{
    tcs_base_image_put_array(b, t->entries, t->n, sizeof *t->entries);
    if (t->n)
        tcs_base_image_put_array(b, t->starts, (size_t)t->mask + 2, sizeof *t->starts);
}

static void
save_map(struct tcs_buf *b, const struct gram_map *t)
{
    save_table(b, &t->table);
    if (t->table.n == 0)
        return;
    tcs_base_image_put(b, t->shift);
    tcs_base_image_put_array(b, t->bits, (1ull << (32 - t->shift)) / 64, sizeof *t->bits);
}

void
tcs_match_litset_save(const struct tcs_litset *ls, struct tcs_buf *b)
{
    tcs_base_image_put_array(b, &ls->sizes, 1, sizeof ls->sizes);
    tcs_base_image_put_array(b, ls->texts, ls->ntexts, 1);
    for (int i = 0; i < ANCHORS; i++)
        save_table(b, &ls->anchors[i]);
    save_map(b, &ls->grams);
    save_map(b, &ls->pairs);
    save_map(b, &ls->wide);
}

static bool
table_sound(const struct tcs_litset *ls, const struct table *t, uint32_t ids)
{
    if (t->starts[0] != 0 || t->starts[t->mask + 1] != t->n)
        return false;
    for (uint32_t b = 0; b <= t->mask; b++)
        if (t->starts[b] > t->starts[b + 1])
            return false;
    for (uint32_t i = 0; i < t->n; i++) {
        const struct entry *e = &t->entries[i];
        if (e->id >= ids || e->text > ls->ntexts || e->n > ls->ntexts - e->text)
            return false;
    }
    return true;
}

static void
view_table(struct tcs_cursor *c, const struct tcs_litset *ls, struct table *t, uint32_t ids)
{
    uint32_t n;
    t->entries = tcs_base_image_get_array(c, sizeof *t->entries, &t->n);
    if (t->n == 0)
        return;
    t->starts = tcs_base_image_get_array(c, sizeof *t->starts, &n);
    t->mask = n - 2;
    if (n < 2 || (t->mask & (t->mask + 1)) != 0 || !table_sound(ls, t, ids))
        c->bad = true;
}

static void
view_map(struct tcs_cursor *c, const struct tcs_litset *ls, struct gram_map *t, uint32_t ids)
{
    view_table(c, ls, &t->table, ids);
    if (t->table.n == 0)
        return;
    t->shift = tcs_base_image_get_most(c, 32 - MAP_LEAST);
    t->bits = tcs_base_image_get_n(c, sizeof *t->bits, (1ull << (32 - t->shift)) / 64);
}

const struct tcs_litset *
tcs_match_litset_view(struct tcs_cursor *c, struct tcs_arena *a, uint32_t ids)
{
    struct tcs_litset *ls = tcs_base_arena_zalloc(a, sizeof *ls);
    const struct sizes *sizes = tcs_base_image_get_n(c, sizeof *sizes, 1);
    if (!ls || !sizes)
        return NULL;
    ls->sizes = *sizes;
    ls->texts = tcs_base_image_get_array(c, 1, &ls->ntexts);
    for (int i = 0; i < ANCHORS && !c->bad; i++)
        view_table(c, ls, &ls->anchors[i], ids);
    view_map(c, ls, &ls->grams, ids);
    view_map(c, ls, &ls->pairs, ids);
    view_map(c, ls, &ls->wide, ids);
    /* no table is asked for that is not there, and a stride that moves */
    if ((sizes->head && !ls->anchors[HEAD_SHORT].n) ||
        (sizes->tail && !ls->anchors[TAIL_SHORT].n) ||
        (sizes->stride != 1 && sizes->stride != 2 && sizes->stride != 4))
        c->bad = true;
    return c->bad ? NULL : ls;
}
