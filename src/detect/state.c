/* detect/state.c - read positions in and out of the store, findings into it.
 *
 * The table of sources is read before the run and written after it, so that the thread that reads
 * inputs never meets the one that writes findings at the database. */
#include "detect/state.h"

#include "base/map.h"
#include "store/store.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>

struct tcs_keeper {
    struct tcs_store *store;
    struct tcs_arena *arena; /* of the two lists */
    struct tcs_inputs_memory memory;
    struct tcs_chained_keeper keeper;
    struct tcs_corr_keeper matches;
    uint8_t content[32];
    struct tcs_store_source *before, *fresh; /* of earlier runs; of this one */
    uint32_t nbefore, capbefore, nfresh, capfresh;
    struct tcs_map by_path;      /* index into before */
    struct tcs_store_source now; /* the file that is being read */
    bool failed;                 /* out of memory */
};

static void
on_known(void *ctx, const struct tcs_store_source *src)
{
    struct tcs_keeper *st = ctx;
    if (!tcs_arena_grow(st->arena, &st->before, st->nbefore, &st->capbefore, sizeof *st->before)) {
        st->failed = true;
        return;
    }
    st->before[st->nbefore] = *src;
    if (tcs_map_put(&st->by_path, src->path, st->nbefore++) < 0)
        st->failed = true;
}

/* To the run, what is not kept is as if it were known. */
static int
new_only(int put)
{
    return put == TCS_STORE_BEYOND ? 0 : put;
}

static int
on_detection(void *ctx, const struct tcs_signature *sig, const struct tcs_finding *d,
             struct tcs_err *err)
{
    struct tcs_keeper *st = ctx;
    return new_only(tcs_store_detection_put(st->store, sig, d, err));
}

static int
on_observation(void *ctx, const struct tcs_observation *o, struct tcs_err *err)
{
    struct tcs_keeper *st = ctx;
    return new_only(tcs_store_observation_put(st->store, o, err));
}

static int
on_heard(void *ctx, const struct tcs_heard *h, struct tcs_err *err)
{
    struct tcs_keeper *st = ctx;
    return tcs_store_heard_put(st->store, h->host, h->first, h->last, err);
}

static int
on_result(void *ctx, struct tcs_store_result *r, struct tcs_err *err)
{
    struct tcs_keeper *st = ctx;
    return new_only(tcs_store_result_put(st->store, r, err));
}

static int
on_match(void *ctx, const struct tcs_store_match *m, struct tcs_err *err)
{
    struct tcs_keeper *st = ctx;
    int r = tcs_store_match_put(st->store, m, err);
    return r == TCS_STORE_BEYOND ? 1 : r; /* the run may use it */
}

static int
on_match_again(void *ctx, const struct tcs_store_match *m, struct tcs_err *err)
{
    return tcs_correlations_again(ctx, m, err);
}

/* BLAKE2b of the first bytes, at most TCS_STORE_HEAD and at most `size`. */
static void
hash_head(uint8_t out[32], const struct tcs_inputs_file *f, uint64_t size)
{
    crypto_generichash(out, 32, f->head, size, NULL, 0);
}

/* Is the file the one that was read then, as far as its beginning tells? */
static bool
same_beginning(const struct tcs_store_source *then, const struct tcs_inputs_file *f)
{
    uint8_t head[32];
    if (then->head_size > f->nhead || f->size < then->size)
        return false;
    hash_head(head, f, then->head_size);
    return memcmp(head, then->head, sizeof head) == 0;
}

static void
on_begin(void *ctx, const struct tcs_inputs_file *f, struct tcs_inputs_from *ret)
{
    struct tcs_keeper *st = ctx;
    uint32_t i = tcs_map_get(&st->by_path, f->path);
    uint64_t head = f->nhead < TCS_STORE_HEAD ? f->nhead : TCS_STORE_HEAD;
    st->now = (struct tcs_store_source){
        .path = f->path, .head_size = head, .size = f->size, .mtime = f->mtime};
    hash_head(st->now.head, f, head);
    memcpy(st->now.content, st->content, sizeof st->now.content);
    const struct tcs_store_source *then = i == TCS_MAP_NONE ? NULL : &st->before[i];
    if (!then || memcmp(then->content, st->content, sizeof st->content) != 0 ||
        !same_beginning(then, f))
        return;
    ret->skip = then->size == f->size && then->mtime == f->mtime;
    if (then->records) { /* only logs of lines have them counted */
        ret->offset = then->read;
        ret->records = then->records;
    }
}

static void
on_end(void *ctx, uint64_t read, uint64_t records)
{
    struct tcs_keeper *st = ctx;
    st->now.read = read;
    st->now.records = records;
    st->now.path = tcs_arena_str(st->arena, st->now.path);
    if (!st->now.path.p ||
        !tcs_arena_grow(st->arena, &st->fresh, st->nfresh, &st->capfresh, sizeof *st->fresh))
        st->failed = true;
    else
        st->fresh[st->nfresh++] = st->now;
}

static void
add_text(crypto_generichash_state *h, const char *s)
{
    crypto_generichash_update(h, (const unsigned char *)(s ? s : ""), s ? strlen(s) + 1 : 1);
}

/* A file that was read for the run, as far as the system tells whether it changed. */
static void
add_file(crypto_generichash_state *h, const char *path)
{
    struct stat st = {0};
    add_text(h, path);
    if (path)
        stat(path, &st);
    const int64_t id[3] = {st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
    crypto_generichash_update(h, (const unsigned char *)id, sizeof id);
}

/* All that decides what is found in given bytes. */
static void
hash_content(uint8_t out[32], const uint8_t rules[32], const struct tcs_detect_opts *opts)
{
    const struct tcs_detect_list *const lists[] = {&opts->rules.tags, &opts->rules.names,
                                                   &opts->hosts};
    const int64_t numbers[] = {opts->rules.level, opts->rules.status, opts->from, opts->to,
                               opts->carve};
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, 32);
    crypto_generichash_update(&h, rules, 32);
    crypto_generichash_update(&h, (const unsigned char *)numbers, sizeof numbers);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        add_text(&h, NULL);
        for (size_t k = 0; k < lists[i]->n; k++)
            add_text(&h, lists[i]->at[k]);
    }
    add_file(&h, opts->rules.logsources);
    for (size_t i = 0; i < opts->alert_maps.n; i++)
        add_file(&h, opts->alert_maps.at[i]);
    crypto_generichash_final(&h, out, 32);
}

int
tcs_state_open(const char *dir, const uint8_t rules[32], const struct tcs_detect_opts *opts,
               struct tcs_keeper **ret, struct tcs_err *err)
{
    struct tcs_keeper *st = calloc(1, sizeof *st);
    if (!st || !(st->arena = tcs_arena_new(0))) {
        free(st);
        return tcs_fail(err, TCS_ENOMEM, "out of memory");
    }
    st->memory = (struct tcs_inputs_memory){st, on_begin, on_end};
    st->keeper = (struct tcs_chained_keeper){st, on_detection, on_observation, on_heard, on_result};
    st->matches = (struct tcs_corr_keeper){st, on_match};
    hash_content(st->content, rules, opts);
    int r = tcs_store_open(dir, TCS_STORE_WRITE, &st->store, err);
    if (r == 0)
        r = tcs_store_begin(st->store, err);
    if (r == 0)
        r = tcs_store_sources(st->store, st->arena, on_known, st, err);
    if (r == 0 && st->failed)
        r = tcs_fail(err, TCS_ENOMEM, "out of memory");
    if (r == 0)
        *ret = st;
    else
        tcs_state_close(st);
    return r;
}

void
tcs_state_close(struct tcs_keeper *st)
{
    if (!st)
        return;
    tcs_store_close(st->store);
    tcs_map_done(&st->by_path);
    tcs_arena_free(st->arena);
    free(st);
}

const struct tcs_inputs_memory *
tcs_state_memory(const struct tcs_keeper *st)
{
    return &st->memory;
}

const struct tcs_chained_keeper *
tcs_state_keep(const struct tcs_keeper *st)
{
    return &st->keeper;
}

const struct tcs_corr_keeper *
tcs_state_keep_matches(const struct tcs_keeper *st)
{
    return &st->matches;
}

int
tcs_state_matches(struct tcs_keeper *st, struct tcs_correlations *corr, struct tcs_err *err)
{
    tcs_correlations_after(corr, tcs_store_matches_after(st->store));
    return tcs_store_matches(st->store, on_match_again, corr, err);
}

/* Only of correlations that were derived anew from all that is kept, and had something to say. */
int
tcs_state_settle(struct tcs_keeper *st, const struct tcs_correlations *corr, struct tcs_err *err)
{
    const struct tcs_rulebook *book = tcs_correlations_book(corr);
    const struct tcs_corrplan *plan = tcs_rulebook_corrplan(book);
    int64_t after = tcs_store_matches_after(st->store);
    uint32_t n;
    int r = 0;
    (void)tcs_rulebook_correlations(book, &n);
    for (uint32_t i = 0; r == 0 && i < n && tcs_correlations_whole(corr); i++) {
        struct tcs_corr_basis basis = tcs_corrplan_basis(plan, i);
        int64_t from = after;
        if (after != INT64_MIN && __builtin_add_overflow(after, basis.reach, &from))
            from = INT64_MAX;
        if (basis.print && tcs_corrplan_corr_alerts(plan, i) && tcs_rulebook_corr_wanted(book, i))
            r = tcs_store_results_settle(st->store, basis.print, from, err);
    }
    return r;
}

int
tcs_state_replay(struct tcs_keeper *st, struct tcs_chained *ch, struct tcs_err *err)
{
    return tcs_store_replay(st->store, tcs_chained_chain(ch), err);
}

int
tcs_state_incidents(struct tcs_keeper *st, const struct tcs_chained *ch, struct tcs_err *err)
{
    uint32_t n = 0;
    const struct tcs_incident *list = tcs_chained_incidents(ch, &n);
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < n; i++)
        r = tcs_store_incident_put(st->store, &list[i], err);
    return r < 0 ? r : tcs_store_incidents_settle(st->store, err);
}

int
tcs_state_commit(struct tcs_keeper *st, bool whole, struct tcs_err *err)
{
    int r = st->failed ? tcs_fail(err, TCS_ENOMEM, "out of memory") : 0;
    for (uint32_t i = 0; r == 0 && whole && i < st->nfresh; i++)
        r = tcs_store_source_put(st->store, &st->fresh[i], err);
    return r < 0 ? r : tcs_store_commit(st->store, err);
}
