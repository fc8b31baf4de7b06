/* correlate/correlate_int.h - what the parts of the correlation engine share.  Internal to
 * src/sigma.
 *
 * A stream is what a correlation reads: a rule's matches (numbered as the rules) or another
 * correlation's results (behind them).  Texts are numbers, see struct corr_texts; 0 is "missing".
 */
#pragma once
#include "correlate/correlate.h"
#include "sigma/correlation_terms.h"

#define CORR_NONE UINT32_MAX
#define CORR_NEVER INT64_MIN /* a time at which nothing was */

enum {
    CORR_VALUES_SHOWN = 16, /* distinct values, or rules, whose match a result names */
    CORR_NEWEST = 8,        /* newest matches that a result names */
};

/* --- plan --- */

struct corr_reader {
    uint32_t corr, input;
};

struct corr_stream {
    struct tcs_str *fields;
    struct corr_reader *readers; /* outermost correlations first */
    uint32_t nfields, cap_fields, nreaders, cap_readers;
    bool named, alerts;
};

/* One rule of a correlation's list. */
struct corr_input {
    uint32_t stream;
    uint32_t *key, *cond; /* of each group-by and condition field: which of the stream's values */
    uint32_t *carry;      /* of each field of the correlation's own stream, likewise */
    bool counts;          /* its match can make the condition hold, not only prevent that */
};

struct corr_def {
    const struct tcs_correlation *c;
    struct corr_input *inputs;
    uint32_t ninputs, stream, level; /* level 0: reads rules only */
    int64_t span;
    uint32_t need; /* matches or distinct values after which more make no difference */
    bool late;     /* judged when the episode closes: an upper bound, or `not` */
    bool runs;
    struct tcs_corr_basis basis;
    uint32_t *from_key; /* of each field of its own stream: which group-by, or CORR_NONE */
    struct tcs_sigma_terms terms;
};

struct tcs_corrplan {
    struct tcs_arena *arena;
    struct corr_stream *streams; /* nrules + ndefs */
    struct corr_def *defs;
    uint32_t nrules, ndefs, max_values;
    uint64_t print; /* of the documents: a snapshot belongs to it */
};

/* --- texts --- */

struct corr_text {
    char *p;
    uint32_t n, refs, next, fold; /* fold: the same in lower case; itself if it is */
    uint32_t hash;
};

/* Interned, counted, so that a group's key is a few numbers. */
struct corr_texts {
    struct corr_text *at;
    uint32_t n, cap, spare, live; /* spare: first of the free ones */
    uint32_t *heads, mask;
    uint64_t seed; /* of the hashes, and of those of groups */
};

/* One more user of the text; 0: no memory. */
uint32_t correlate_text_intern(struct corr_texts *t, struct tcs_str s);
void correlate_text_keep(struct corr_texts *t, uint32_t id);
void correlate_text_drop(struct corr_texts *t, uint32_t id);
void correlate_texts_done(struct corr_texts *t);

static inline struct tcs_str
correlate_text(const struct corr_texts *t, uint32_t id)
{
    return (struct tcs_str){t->at[id].p, t->at[id].n};
}

static inline uint32_t
correlate_fold(const struct corr_texts *t, uint32_t id)
{
    return t->at[id].fold;
}

/* --- a group's window --- */

struct corr_seen {
    int64_t time;
    uint64_t ref;
};

/* The newest matches. */
struct corr_ring {
    struct corr_seen *at;
    uint32_t cap, head, n;
};

struct corr_value {
    struct corr_seen last;
    uint64_t seq;
    uint32_t id, prev, next, chain;
};

/* Distinct values, by the time of the newest match of each. */
struct corr_values {
    struct corr_value *at;
    uint32_t *heads;
    uint32_t n, cap, used, spare, oldest, newest;
};

struct corr_number {
    struct corr_seen seen;
    double v;
};

struct corr_numbers {
    struct corr_number *at;
    double *sorted; /* percentile and median only */
    __int128 total; /* in millionths */
    int64_t cut;    /* newest time that was dropped for want of room */
    uint32_t cap, head, n;
};

struct corr_chain {
    int64_t start;
    uint64_t refs[CORR_VALUES_SHOWN];
};

/* Of each step: the sequence that ends there and began last. */
struct corr_chains {
    struct corr_chain *now, *before; /* before: without the match in hand */
    int64_t *seen;                   /* of each input: its newest match; for `not` */
    int64_t time;
    uint64_t record, offset;
    uint32_t source;
};

/* From the first hold until nothing held for a timespan. */
struct corr_episode {
    struct corr_group *group;
    struct corr_episode *prev, *next; /* by the time of the last hold */
    uint64_t id, count, told, since, walked;
    int64_t first, last, opened;
    double peak;
    bool approximate;
    uint64_t first_ref;
    uint64_t shown[CORR_VALUES_SHOWN]; /* matches of distinct values or rules */
    uint32_t ids[CORR_VALUES_SHOWN], nshown;
    uint64_t newest[CORR_NEWEST], waiting[CORR_NEWEST]; /* waiting: since the last hold */
    uint32_t nnewest;
    uint32_t *carried; /* texts for outer correlations */
    uint64_t record, offset;
    uint32_t source;
};

struct corr_group {
    struct corr_group *prev, *next; /* by the time of the last match */
    struct corr_group *chain;
    struct corr_episode *episode;
    uint64_t seq; /* matches seen */
    int64_t last;
    uint32_t hash, mark; /* mark: its number in the snapshot being written */
    union {
        struct corr_ring ring;
        struct corr_values values;
        struct corr_numbers numbers;
        struct corr_seen *rules; /* of each input: its newest match */
        struct corr_chains chains;
    } w;
    uint32_t key[]; /* texts as in the match that made it, or opened its episode */
};

/* A match, or an inner correlation's result, in hand. */
struct corr_item {
    int64_t time;
    uint64_t record, offset, ref;
    uint32_t stream, source;
    const uint32_t *values;
};

/* What a window says about the match in hand. */
struct corr_verdict {
    bool holds, approximate;
    double value;
};

/* correlate_window.c; false: no memory.  `value`: condition's value as a text's number (counted
 * up for the window) or as a number. */
struct corr_input_value {
    uint32_t id;
    double num;
};
bool correlate_window_new(const struct corr_def *d, struct corr_group *g);
void correlate_window_done(const struct corr_def *d, struct corr_group *g, struct corr_texts *t);
bool correlate_window_add(const struct corr_def *d, struct corr_group *g, struct corr_texts *t,
                          const struct corr_item *m, uint32_t input, struct corr_input_value v,
                          struct corr_verdict *ret);
/* What a new episode rests on: first, count, and which matches to name. */
void correlate_window_begin(const struct corr_def *d, const struct corr_group *g,
                            struct corr_texts *t, struct corr_episode *e, int64_t now);
/* The condition held again. */
void correlate_window_again(const struct corr_def *d, const struct corr_group *g,
                            struct corr_texts *t, struct corr_episode *e, int64_t now);
/* Judged at the end: does the condition over rule names hold of all that was seen since? */
bool correlate_window_strict(const struct corr_def *d, const struct corr_group *g, int64_t since);
/* Do all of the condition's comparisons hold for the number? */
bool correlate_compare(const struct corr_def *d, double v, bool lower_only);
/* For restoring; each adds to the end, in order. */
bool correlate_ring_add(struct corr_ring *r, uint32_t need, struct corr_seen s);
bool correlate_values_add(struct corr_values *v, uint32_t cap, struct corr_value x,
                          struct corr_texts *t);
bool correlate_numbers_add(struct corr_numbers *w, const struct tcs_correlation *c,
                           struct corr_number x);
uint32_t correlate_values_cap(const struct corr_def *d);
/* correlate_values.c: a slot by its number, 0 is none; the oldest one goes; the one of a value. */
static inline struct corr_value *
correlate_value_at(const struct corr_values *v, uint32_t i)
{
    return &v->at[i - 1];
}
void correlate_values_drop(struct corr_values *v, struct corr_texts *t);
uint32_t correlate_values_find(const struct corr_values *v, uint32_t id);
/* correlate_numbers.c: the i-th, oldest first; the oldest one goes; what the condition compares. */
static inline struct corr_number *
correlate_number_at(const struct corr_numbers *w, uint32_t i)
{
    return &w->at[(w->head + i) & (w->cap - 1)];
}
void correlate_numbers_drop(struct corr_numbers *w, const struct tcs_correlation *c);
double correlate_aggregate(const struct corr_numbers *w, const struct tcs_correlation *c);

/* --- the run --- */

struct corr_groups {
    struct corr_group **heads;
    uint32_t mask, n;
    struct corr_group *oldest, *newest;
    struct corr_episode *first, *last; /* open ones, by last hold */
};

/* What matches are ordered by. */
struct corr_place {
    int64_t time;
    uint64_t record, offset, ref;
    uint32_t rule, source;
};

/* Not yet in order. */
struct corr_waiting {
    struct corr_place at;
    uint32_t values[];
};

struct corr_source {
    int64_t newest;
    uint32_t source;
};

struct tcs_correlate {
    const struct tcs_corrplan *plan;
    struct tcs_corr_opts opts;
    struct tcs_corr_stats stats;
    struct corr_texts texts;
    struct corr_groups *groups; /* of each correlation */
    unsigned char *heap;
    uint32_t nheap, cap_heap;
    size_t stride;
    struct corr_place frontier; /* the last one that was released */
    bool released, failed;
    int64_t watermark; /* CORR_NEVER: none yet */
    int64_t due;       /* no episode closes before it */
    struct corr_source *sources;
    uint32_t nsources, cap_sources, pushes;
    uint32_t *scratch;
};

struct corr_group *correlate_group_find(struct tcs_correlate *c, uint32_t corr, const uint32_t *key,
                                        uint32_t *hash);
struct corr_group *correlate_group_new(struct tcs_correlate *c, uint32_t corr, const uint32_t *key,
                                       uint32_t hash);
void correlate_group_free(struct tcs_correlate *c, uint32_t corr, struct corr_group *g);
void correlate_group_touch(struct corr_groups *gs, struct corr_group *g);
struct corr_episode *correlate_episode_new(struct tcs_correlate *c, uint32_t corr,
                                           struct corr_group *g);
void correlate_episode_touch(struct corr_groups *gs, struct corr_episode *e);
void correlate_episode_free(struct tcs_correlate *c, uint32_t corr, struct corr_episode *e);
/* correlate_order.c */
bool correlate_order_push(struct tcs_correlate *c, const struct tcs_corr_match *m);
const struct corr_waiting *correlate_order_top(const struct tcs_correlate *c);
void correlate_order_pop(struct tcs_correlate *c, struct corr_waiting *to);
/* A zeroed element to fill, and to insert before anything else is done; NULL: no memory. */
struct corr_waiting *correlate_order_blank(struct tcs_correlate *c);
void correlate_order_insert(struct tcs_correlate *c, const struct corr_waiting *x);
struct corr_source *correlate_order_source(struct tcs_correlate *c, uint32_t source);
bool correlate_order_before(const struct corr_place *a, const struct corr_place *b);
void correlate_order_seen(struct tcs_correlate *c, uint32_t source, int64_t time);
/* correlate_save.c: the last bytes of a snapshot, over all before them. */
enum { CORR_SEAL = 16 };
void correlate_seal(const void *p, size_t n, uint8_t out[CORR_SEAL]);

/* time + span, or the last time there is */
static inline int64_t
correlate_later(int64_t time, int64_t span)
{
    int64_t r;
    return __builtin_add_overflow(time, span, &r) ? INT64_MAX : r;
}

/* time - span, or the first time there is */
static inline int64_t
correlate_earlier(int64_t time, int64_t span)
{
    int64_t r;
    return __builtin_sub_overflow(time, span, &r) || r == CORR_NEVER ? CORR_NEVER + 1 : r;
}
