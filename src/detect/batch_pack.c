/* detect/batch_pack.c - batches to bytes and back, both by one description of their members.
 *
 * A text is its length and its bytes and a NUL; a list is its length and its elements; a number is
 * as it lies in memory.  What is read back is checked against the bytes that are there, and each
 * number that chooses something against what there is to choose from. */
#include "detect/batch_pack.h"

#include "base/cursor.h"
#include "base/grow.h"
#include "base/limits.h"

#include <stddef.h>

#define NO_TEXT UINT32_MAX /* {NULL, 0}: not said, which is not the same as empty */

enum kind { END, NUMBER, FLAG, TEXT, TEXTS, PART, BELOW };

/* A member.  NUMBER: `size` bytes.  FLAG: a bool.  TEXT, and TEXTS behind which stands their number
 * at `count`: of at most `max` bytes.  PART: a struct of `rows`.  BELOW: nothing of its own, but
 * the number that was read at `at` is below max. */
struct row {
    uint8_t kind;
    uint16_t size;
    uint16_t at, count;
    uint32_t max;
    const struct row *rows;
};

#define SIZE_OF(s, m) sizeof(((struct s *)0)->m)
#define ROW_NUMBER(s, m) {NUMBER, SIZE_OF(s, m), offsetof(struct s, m), 0, 0, NULL},
#define ROW_FLAG(s, m) {FLAG, 1, offsetof(struct s, m), 0, 0, NULL},
#define ROW_TEXT(s, m, most) {TEXT, 4, offsetof(struct s, m), 0, most, NULL},
#define ROW_TEXTS(s, m, n, most)                                                                   \
    {TEXTS, 4, offsetof(struct s, m), offsetof(struct s, n), most, NULL},
#define ROW_PART(s, m, of) {PART, 0, offsetof(struct s, m), 0, 0, of},
#define ROW_BELOW(s, m, most) {BELOW, SIZE_OF(s, m), offsetof(struct s, m), 0, most, NULL},
#define ROW_END                                                                                    \
    {                                                                                              \
        END, 0, 0, 0, 0, NULL                                                                      \
    }

enum {
    NAME = TCS_IDENTITY_TEXT_MAX,
    ACCOUNT = 2 * TCS_IDENTITY_TEXT_MAX + 1, /* DOMAIN\name */
    FREE = TCS_VALUE_TEXT_MAX,
};

/* clang-format off */
static const struct row identity[] = {
#define TEXT(name) ROW_TEXT(tcs_identity, name, NAME)
#define NUMBER(name) ROW_NUMBER(tcs_identity, name)
#define SMALL(name) ROW_NUMBER(tcs_identity, name)
    TCS_IDENTITY_FIELDS(TEXT, NUMBER, SMALL)
#undef TEXT
#undef NUMBER
#undef SMALL
    ROW_BELOW(tcs_identity, activity, TCS_ACTS)
    ROW_END
};

/* Its file is the block's origin, its key that of the record. */
static const struct row evidence[] = {
    ROW_TEXT(tcs_evidence, channel, NAME)
    ROW_NUMBER(tcs_evidence, record_id)
    ROW_NUMBER(tcs_evidence, offset)
    ROW_NUMBER(tcs_evidence, event_id)
    ROW_END
};

static const struct row signature[] = {
    ROW_TEXT(tcs_signature, id, FREE)
    ROW_TEXT(tcs_signature, title, FREE)
    ROW_NUMBER(tcs_signature, level)
    ROW_BELOW(tcs_signature, level, TCS_LEVELS)
    ROW_NUMBER(tcs_signature, stage)
    ROW_BELOW(tcs_signature, stage, TCS_STAGES)
    ROW_TEXTS(tcs_signature, techniques, ntechniques, FREE)
    ROW_END
};

static const struct row finding[] = {
    ROW_NUMBER(tcs_finding, time)
    ROW_NUMBER(tcs_finding, flags)
    ROW_BELOW(tcs_finding, flags, TCS_FINDING_FLAGS + 1)
    ROW_NUMBER(tcs_finding, count)
    ROW_NUMBER(tcs_finding, first)
    ROW_NUMBER(tcs_finding, group)
    ROW_TEXT(tcs_finding, unchecked, NAME)
    ROW_PART(tcs_finding, who, identity)
    ROW_PART(tcs_finding, evidence, evidence)
    ROW_END
};

static const struct row batch_finding[] = {
    ROW_PART(tcs_batch_finding, finding, finding)
    ROW_NUMBER(tcs_batch_finding, rule)
    ROW_NUMBER(tcs_batch_finding, record)
    ROW_NUMBER(tcs_batch_finding, from)
    ROW_NUMBER(tcs_batch_finding, to)
    ROW_PART(tcs_batch_finding, alert, signature)
    ROW_TEXT(tcs_batch_finding, tool, FREE)
    ROW_END
};

static const struct row observation[] = {
    ROW_NUMBER(tcs_observation, time)
    ROW_NUMBER(tcs_observation, kind)
    ROW_BELOW(tcs_observation, kind, TCS_OBS_KINDS)
    ROW_NUMBER(tcs_observation, logon_type)
    ROW_PART(tcs_observation, who, identity)
    ROW_PART(tcs_observation, evidence, evidence)
    ROW_END
};

static const struct row batch_observation[] = {
    ROW_PART(tcs_batch_observation, observation, observation)
    ROW_NUMBER(tcs_batch_observation, record)
    ROW_END
};

/* `source` is the number of the block's origin, `ref` not the worker's. */
static const struct row match[] = {
    ROW_NUMBER(tcs_corr_match, time)
    ROW_NUMBER(tcs_corr_match, rule)
    ROW_NUMBER(tcs_corr_match, record)
    ROW_NUMBER(tcs_corr_match, offset)
    ROW_TEXTS(tcs_corr_match, values, nvalues, FREE)
    ROW_END
};

static const struct row batch_match[] = {
    ROW_PART(tcs_batch_match, match, match)
    ROW_PART(tcs_batch_match, evidence, evidence)
    ROW_TEXT(tcs_batch_match, host, NAME)
    ROW_TEXT(tcs_batch_match, account, ACCOUNT)
    ROW_TEXT(tcs_batch_match, subject, ACCOUNT)
    ROW_TEXT(tcs_batch_match, source_ip, NAME)
    ROW_NUMBER(tcs_batch_match, record)
    ROW_NUMBER(tcs_batch_match, flags)
    ROW_BELOW(tcs_batch_match, flags, (TCS_EVENT_CARVED | TCS_MATCH_UNCHECKED) + 1)
    ROW_FLAG(tcs_batch_match, about_target)
    ROW_END
};

/* The raw name has done its work when the block is decoded. */
static const struct row batch_host[] = {
    ROW_TEXT(tcs_batch_host, name, NAME)
    ROW_NUMBER(tcs_batch_host, first)
    ROW_NUMBER(tcs_batch_host, last)
    ROW_NUMBER(tcs_batch_host, records)
    ROW_END
};

static const struct row batch_log[] = {
    ROW_TEXT(tcs_batch_log, product, NAME)
    ROW_TEXT(tcs_batch_log, service, NAME)
    ROW_TEXT(tcs_batch_log, channel, NAME)
    ROW_TEXT(tcs_batch_log, schema, NAME)
    ROW_NUMBER(tcs_batch_log, records)
    ROW_NUMBER(tcs_batch_log, first)
    ROW_FLAG(tcs_batch_log, known)
    ROW_END
};

static const struct row batch_sighting[] = {
    ROW_NUMBER(tcs_batch_sighting, hash)
    ROW_FLAG(tcs_batch_sighting, carved)
    ROW_END
};

static const struct row record_key[] = {
    ROW_NUMBER(tcs_key, b)
    ROW_FLAG(tcs_key, uncounted)
    ROW_END
};

/* Its path is the block's origin. */
static const struct row note[] = {
    ROW_NUMBER(tcs_note, cause)
    ROW_BELOW(tcs_note, cause, TCS_CAUSES)
    ROW_TEXT(tcs_note, text, FREE)
    ROW_NUMBER(tcs_note, offset)
    ROW_FLAG(tcs_note, record)
    ROW_END
};

static const struct row batch[] = {
    ROW_NUMBER(tcs_batch, stats)
    ROW_NUMBER(tcs_batch, passed_over)
    ROW_NUMBER(tcs_batch, hosts_dropped)
    ROW_NUMBER(tcs_batch, ntorn)
    ROW_FLAG(tcs_batch, no_memory)
    ROW_NUMBER(tcs_batch, notes.count)
    ROW_NUMBER(tcs_batch, notes.counting)
    ROW_NUMBER(tcs_batch, notes.bytes_lost)
    ROW_NUMBER(tcs_batch, notes.nkept)
    ROW_END
};

/* The batch's arrays. */
static const struct list {
    uint16_t at, n, cap;
    uint16_t size;
    const struct row *rows;
} lists[] = {
#define LIST(array, count, room, of)                                                               \
    {offsetof(struct tcs_batch, array), offsetof(struct tcs_batch, count),                         \
     offsetof(struct tcs_batch, room), sizeof *((struct tcs_batch *)0)->array, of},
    LIST(records, nrecords, cap_records, record_key)
    LIST(findings, nfindings, cap_findings, batch_finding)
    LIST(observations, nobservations, cap_observations, batch_observation)
    LIST(matches, nmatches, cap_matches, batch_match)
    LIST(hosts, nhosts, cap_hosts, batch_host)
    LIST(logs, nlogs, cap_logs, batch_log)
    LIST(sightings, nsightings, cap_sightings, batch_sighting)
#undef LIST
};
/* clang-format on */
enum { LISTS = sizeof lists / sizeof *lists };

/* What all members of a struct take at least. */
static size_t
least(const struct row *rows)
{
    size_t n = 0;
    for (const struct row *r = rows; r->kind != END; r++)
        n += r->kind == PART ? least(r->rows) : r->kind == BELOW ? 0 : r->size;
    return n;
}

/* --- to bytes --- */

static void
put_u32(struct tcs_buf *to, uint32_t v)
{
    tcs_base_buf_put(to, &v, sizeof v);
}

static void
put_text(struct tcs_buf *to, struct tcs_str s, uint32_t max)
{
    /* what is longer than it may be was not cut where it should have been: cut here */
    put_u32(to, s.p ? (uint32_t)(s.n < max ? s.n : max) : NO_TEXT);
    if (!s.p)
        return;
    tcs_base_buf_put(to, s.p, s.n < max ? s.n : max);
    tcs_base_buf_c(to, '\0');
}

static void
put_rows(struct tcs_buf *to, const struct row *rows, const void *from)
{
    const char *base = from;
    for (const struct row *r = rows; r->kind != END; r++) {
        const void *at = base + r->at;
        if (r->kind == NUMBER || r->kind == FLAG)
            tcs_base_buf_put(to, at, r->size);
        else if (r->kind == TEXT)
            put_text(to, *(const struct tcs_str *)at, r->max);
        else if (r->kind == PART)
            put_rows(to, r->rows, at);
        else if (r->kind == TEXTS) {
            const struct tcs_str *texts = *(struct tcs_str *const *)at;
            const uint32_t n = *(const uint32_t *)(const void *)(base + r->count);
            put_u32(to, n);
            for (uint32_t i = 0; i < n; i++)
                put_text(to, texts[i], r->max);
        }
    }
}

void
tcs_detect_batch_pack(const struct tcs_batch *b, struct tcs_buf *to)
{
    const char *base = (const char *)b;
    put_rows(to, batch, b);
    for (uint32_t i = 0; i < b->notes.nkept; i++)
        put_rows(to, note, &b->notes.kept[i]);
    for (size_t l = 0; l < LISTS; l++) {
        const char *elements = *(char *const *)(const void *)(base + lists[l].at);
        const uint32_t n = *(const uint32_t *)(const void *)(base + lists[l].n);
        put_u32(to, n);
        for (uint32_t i = 0; i < n; i++)
            put_rows(to, lists[l].rows, elements + (size_t)i * lists[l].size);
    }
}

/* --- and back --- */

struct in {
    struct tcs_cursor c;
    uint8_t *bytes; /* the cursor's, to write a NUL behind a text */
    struct tcs_arena *arena;
    bool no_memory;
};

static bool
take(struct in *in, void *to, size_t n)
{
    const uint8_t *p = tcs_base_cur_take(&in->c, n);
    if (p)
        memcpy(to, p, n);
    return p != NULL;
}

static bool
take_text(struct in *in, struct tcs_str *ret, uint32_t max)
{
    uint32_t n;
    *ret = (struct tcs_str){0};
    if (!take(in, &n, sizeof n))
        return false;
    if (n == NO_TEXT)
        return true;
    const size_t at = in->c.at;
    if (n > max || !tcs_base_cur_skip(&in->c, (size_t)n + 1))
        return false;
    in->bytes[at + n] = '\0';
    *ret = (struct tcs_str){(const char *)in->bytes + at, n};
    return true;
}

static bool
take_texts(struct in *in, const struct row *r, void *at, uint32_t *count)
{
    uint32_t n;
    if (!take(in, &n, sizeof n) || n > tcs_base_cur_left(&in->c) / r->size)
        return false;
    struct tcs_str *texts = n ? tcs_base_arena_array(in->arena, n, sizeof *texts) : NULL;
    in->no_memory |= n && !texts;
    for (uint32_t i = 0; texts && i < n; i++)
        if (!take_text(in, &texts[i], r->max))
            return false;
    memcpy(at, &texts, sizeof texts);
    *count = texts ? n : 0;
    return true;
}

static bool
is_below(const struct row *r, const void *at)
{
    uint32_t v = 0;
    if (r->size == sizeof v)
        memcpy(&v, at, sizeof v);
    else
        v = *(const uint8_t *)at;
    return v < r->max;
}

static bool
take_flag(struct in *in, bool *ret)
{
    uint8_t v = 0;
    bool good = take(in, &v, sizeof v) && v <= 1;
    *ret = v == 1;
    return good;
}

static bool
take_rows(struct in *in, const struct row *rows, void *to)
{
    char *base = to;
    bool good = true;
    for (const struct row *r = rows; good && r->kind != END; r++) {
        void *at = base + r->at;
        if (r->kind == NUMBER)
            good = take(in, at, r->size);
        else if (r->kind == FLAG)
            good = take_flag(in, at);
        else if (r->kind == TEXT)
            good = take_text(in, at, r->max);
        else if (r->kind == TEXTS)
            good = take_texts(in, r, at, (uint32_t *)(void *)(base + r->count));
        else if (r->kind == PART)
            good = take_rows(in, r->rows, at);
        else
            good = is_below(r, at);
    }
    return good;
}

static bool
take_notes(struct in *in, struct tcs_batch *b)
{
    struct tcs_notes *to = &b->notes;
    const uint32_t n = to->nkept;
    to->nkept = 0;
    if (n > (uint32_t)TCS_CAUSES * TCS_NOTES_KEPT)
        return false;
    to->kept = tcs_base_arena_array(to->arena, n + 1, sizeof *to->kept);
    to->cap = n + 1;
    if (!to->kept) {
        in->no_memory = true;
        return true;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct tcs_note *at = &to->kept[i];
        uint32_t told = 0;
        if (!take_rows(in, note, at))
            return false;
        while (tcs_detect_notes_at(to, at->cause, told))
            told++;
        if (told == TCS_NOTES_KEPT || told >= to->count[at->cause])
            return false;
        at->path = b->origin ? b->origin->path : (struct tcs_str){0};
        to->nkept++;
    }
    return true;
}

static bool
take_list(struct in *in, const struct list *l, struct tcs_batch *b)
{
    char *base = (char *)b;
    uint32_t n, *count = (uint32_t *)(void *)(base + l->n),
                *cap = (uint32_t *)(void *)(base + l->cap);
    if (!take(in, &n, sizeof n) || n > tcs_base_cur_left(&in->c) / least(l->rows))
        return false;
    if (!tcs_base_grow(base + l->at, cap, 0, n, l->size)) {
        in->no_memory = true;
        return true;
    }
    char *elements = *(char **)(void *)(base + l->at);
    if (n)
        memset(elements, 0, (size_t)n * l->size);
    for (uint32_t i = 0; i < n; i++)
        if (!take_rows(in, l->rows, elements + (size_t)i * l->size))
            return false;
    *count = n;
    return true;
}

/* What members say of each other. */
static bool
is_whole(const struct tcs_batch *b)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < b->nfindings; i++) {
        const struct tcs_batch_finding *f = &b->findings[i];
        if (f->record >= b->nrecords || f->from < at || f->to < f->from || f->to > b->out.n)
            return false;
        at = f->to;
    }
    for (uint32_t i = 0; i < b->nobservations; i++)
        if (b->observations[i].record >= b->nrecords)
            return false;
    for (uint32_t i = 0; i < b->nmatches; i++)
        if (b->matches[i].record >= b->nrecords)
            return false;
    return b->ntorn <= b->nrecords;
}

/* What is known without the worker. */
static void
place(struct tcs_batch *b)
{
    const struct tcs_str file = b->origin ? b->origin->path : (struct tcs_str){0};
    for (uint32_t i = 0; i < b->nfindings; i++)
        b->findings[i].finding.evidence.file = file;
    for (uint32_t i = 0; i < b->nobservations; i++)
        b->observations[i].observation.evidence.file = file;
    for (uint32_t i = 0; i < b->nmatches; i++) {
        b->matches[i].evidence.file = file;
        b->matches[i].match.source = b->origin ? b->origin->index : 0;
    }
}

int
tcs_detect_batch_unpack(struct tcs_batch *b, uint8_t *packed, size_t n)
{
    struct in in = {.c = tcs_base_cur(packed, n), .bytes = packed, .arena = b->arena};
    bool good = take_rows(&in, batch, b) && take_notes(&in, b);
    for (size_t l = 0; good && l < LISTS; l++)
        good = take_list(&in, &lists[l], b);
    if (in.no_memory)
        return -TCS_ENOMEM;
    if (!good || tcs_base_cur_left(&in.c) || !is_whole(b))
        return 1;
    place(b);
    return 0;
}
