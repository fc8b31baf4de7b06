/* store/store.h - what outlives a run, in one SQLite file (WAL): findings, incidents, entities,
 * summaries, baseline, and how far each source was read.  The only SQL in the tree.
 *
 * One process writes at a time; any number read.  A run is one transaction: what
 * tcs_store_commit returned 0 for is there after any crash, what it did not is not there at all.
 * One thread at a time.  err may not be NULL here.  A file that is damaged, not ours or too new is
 * refused with a sentence and left as it is.  docs/store.md tells the tables. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "chain/chain.h"

struct tcs_store;

/* The names of what lies in its folder, NULL-terminated. */
extern const char *const tcs_store_files[];

enum tcs_store_mode { TCS_STORE_READ, TCS_STORE_WRITE };

/* DIR/tocsin.db, made (0700/0600; not DIR's parents) in WRITE mode.  DIR must be ours, and nobody
 * else's to write to.  An older schema is migrated in
 * WRITE mode, and refused with a sentence in READ mode; a newer one is refused.  A reader sees the
 * file as it is at its first question, whatever is written meanwhile. */
int tcs_store_open(const char *dir, enum tcs_store_mode mode, struct tcs_store **ret,
                   struct tcs_err *err);
void tcs_store_close(struct tcs_store *s); /* without commit: nothing happened */
/* Of an error of this header: it is the disk that refuses (full, a quota, a limit, broken), and not
 * the folder or the file that is wrong. */
bool tcs_store_refused(const struct tcs_err *err);
/* Takes the write lock and opens every descriptor the run will need, so that it can be called
 * before the sandbox is entered and nothing has to be opened after.  Once it is committed, another
 * run may begin: all that is of "this run", or of earlier ones, is told anew. */
int tcs_store_begin(struct tcs_store *s, struct tcs_err *err);
/* Also: the run's rows into the baseline, what is beyond the limits out (folded into summaries).
 * Negative: nothing of the run is kept, and what earlier ones kept is as it was.  A disk that
 * refuses what the run writes is told here and nowhere before: until then what is put is answered
 * from what earlier runs kept. */
int tcs_store_commit(struct tcs_store *s, struct tcs_err *err);

/* How many rows are kept; the oldest go first, and when they have to a sixteenth more.  The
 * defaults are in base/limits.h. */
struct tcs_store_limits {
    uint32_t findings, observations, summaries, baseline, sources, signatures, matches;
    uint32_t image; /* rows that are read one by one before an image of them is made */
};
void tcs_store_limit(struct tcs_store *s, const struct tcs_store_limits *limits);
void tcs_store_image_always(struct tcs_store *s); /* however few rows there are */

/* Of this run. */
struct tcs_store_stats {
    uint64_t findings, observations, matches; /* new */
    uint64_t known;                           /* was there */
    uint64_t beyond;                          /* older than what had to be pruned, so not taken */
    uint64_t dropped;                         /* of more rules than are kept */
    uint64_t pruned;                          /* rows that were removed for newer ones, at commit */
    uint64_t incidents;                       /* put */
    uint64_t undone; /* results of correlations that do not hold any more */
};
const struct tcs_store_stats *tcs_store_stats(const struct tcs_store *s);

/* --- how far a source was read --- */

struct tcs_store_source {
    struct tcs_str path;
    uint8_t head[32];    /* hash of its first bytes and of the last before `read`: the same file? */
    uint64_t head_size;  /* how many first ones, at most TCS_STORE_HEAD */
    uint64_t size;       /* then */
    int64_t mtime;       /* ticks */
    uint64_t read;       /* bytes up to which everything was taken */
    uint64_t records;    /* in them */
    uint8_t content[32]; /* hash of what decides what is found: rules, options, program */
};
enum { TCS_STORE_HEAD = 4096 };

/* 1: known and *ret filled (texts in `a`); 0: not known. */
int tcs_store_source_get(struct tcs_store *s, struct tcs_str path, struct tcs_arena *a,
                         struct tcs_store_source *ret, struct tcs_err *err);
/* All of them, texts in `a`, longest unread first. */
int tcs_store_sources(struct tcs_store *s, struct tcs_arena *a,
                      void (*each)(void *ctx, const struct tcs_store_source *src), void *ctx,
                      struct tcs_err *err);
int tcs_store_source_put(struct tcs_store *s, const struct tcs_store_source *src,
                         struct tcs_err *err);

/* Of logs that number nothing: how many equal records a source had up to its position, so that the
 * next ones are told apart from them (identity/key.h, tcs_identity_key_count). */
struct tcs_store_repeat {
    struct tcs_key record; /* of the bytes alone */
    uint64_t count;
};
/* After tcs_store_source_put of that path, which forgets the older ones; they go with it.
 * -TCS_EUSAGE: no position of that path is kept. */
int tcs_store_repeats_put(struct tcs_store *s, struct tcs_str path,
                          const struct tcs_store_repeat *rows, size_t n, struct tcs_err *err);
/* By record.  A callback's negative result ends it. */
int tcs_store_repeats_get(struct tcs_store *s, struct tcs_str path,
                          int (*each)(void *ctx, const struct tcs_store_repeat *row,
                                      struct tcs_err *err),
                          void *ctx, struct tcs_err *err);

/* --- what was found and seen: set semantics, the same record and rule is one row --- */

enum tcs_store_put {
    TCS_STORE_KNOWN,  /* was there; or of more rules than are kept (stats tell) */
    TCS_STORE_NEW,    /* from now on it is */
    TCS_STORE_BEYOND, /* is not kept: older than what had to be pruned */
};
/* One of enum tcs_store_put, or negative.  d->signature is not looked at.  Which record it is says
 * evidence.key, so a copy of the log elsewhere adds nothing. */
int tcs_store_detection_put(struct tcs_store *s, const struct tcs_signature *sig,
                            const struct tcs_finding *d, struct tcs_err *err);
int tcs_store_observation_put(struct tcs_store *s, const struct tcs_observation *o,
                              struct tcs_err *err);

/* --- correlations: the matches they read, so that a window may span runs; and their results --- */

/* A record that is a match of a rule that correlations read. */
struct tcs_store_match {
    struct tcs_str rule; /* its id, or its name */
    uint64_t plan;       /* hash of what `values` are of */
    struct tcs_str host, account, subject, source_ip;
    struct tcs_evidence evidence;
    int64_t time;
    uint8_t flags; /* as in struct tcs_event */
    bool about_target;
    struct tcs_str values; /* bytes, the caller's */
};

/* One of enum tcs_store_put: what is known comes with tcs_store_matches if it is an earlier run's;
 * what is new or beyond is the run's to use. */
int tcs_store_match_put(struct tcs_store *s, const struct tcs_store_match *m, struct tcs_err *err);
/* What was derived of all matches that are kept, as bytes of the caller's; forgotten when one of
 * them goes or changes.  Get: 1 found, 0 not. */
int tcs_store_settled_put(struct tcs_store *s, struct tcs_str bytes, struct tcs_err *err);
int tcs_store_settled_get(struct tcs_store *s, struct tcs_arena *a, struct tcs_str *ret,
                          struct tcs_err *err);
/* In a run, what earlier ones kept; texts live during the call.  A callback's negative result ends
 * it. */
int tcs_store_matches(struct tcs_store *s,
                      int (*each)(void *ctx, const struct tcs_store_match *m, struct tcs_err *err),
                      void *ctx, struct tcs_err *err);
/* Matches up to this time may be missing; INT64_MIN: none are. */
int64_t tcs_store_matches_after(const struct tcs_store *s);

/* A result of a correlation, or what it says of one of its hosts. */
struct tcs_store_result {
    const struct tcs_signature *signature;
    const struct tcs_finding *detection; /* one row for each signature, host and `group` */
    uint64_t plan;                       /* hash of what it rests on; not 0 */
    bool news; /* when put: it is new, or says something else than before */
};
/* As tcs_store_detection_put, but what the row said before is replaced.  What is beyond is no news.
 */
int tcs_store_result_put(struct tcs_store *s, struct tcs_store_result *r, struct tcs_err *err);
/* After all of a run's results were put: earlier ones of that plan whose `first` is later than
 * `after` and that were not among them do not hold any more, and go. */
int tcs_store_results_settle(struct tcs_store *s, uint64_t plan, int64_t after,
                             struct tcs_err *err);

/* --- when hosts were first and last seen, and all of it again --- */

/* The host was seen from `first` to `last`, by whatever record: kept as one span for each. */
int tcs_store_host_seen_put(struct tcs_store *s, struct tcs_str host, int64_t first, int64_t last,
                            struct tcs_err *err);
int tcs_store_hosts_seen(struct tcs_store *s,
                         int (*each)(void *ctx, struct tcs_str host, int64_t first, int64_t last,
                                     struct tcs_err *err),
                         void *ctx, struct tcs_err *err);
/* All that is kept (in a run: that earlier ones kept), signatures first, of the observations the
 * last put first, so that what a full chain leaves out is old; texts live during the call.
 * d->signature is the store's number, the `nr` of one of the signatures; those come by ascending
 * `nr`, which may be any number.  A callback's negative result ends it. */
struct tcs_store_reader {
    void *ctx;
    int (*signature)(void *ctx, uint32_t nr, const struct tcs_signature *sig, struct tcs_err *err);
    int (*finding)(void *ctx, const struct tcs_finding *d, struct tcs_err *err);
    int (*observation)(void *ctx, const struct tcs_observation *o, struct tcs_err *err);
};
int tcs_store_read(struct tcs_store *s, const struct tcs_store_reader *to, struct tcs_err *err);
/* The same into the chain, with when hosts were seen and what is usual: so that a run sees what
 * earlier ones saw. */
int tcs_store_replay(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err);
/* The same in two steps, in a run, for a chain that was fed what this run put: first what nothing
 * changes any more, from an image as far as there is one, which is made anew when it is time; then,
 * when the run's results of correlations were put, the rest.  The chain cannot tell the
 * difference. */
int tcs_store_recall(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err);
int tcs_store_complete(struct tcs_store *s, struct tcs_chain *chain, struct tcs_err *err);
/* Opaque state by name ("correlations"); tcs_store_blob_get: 1 found, 0 not. */
int tcs_store_blob_put(struct tcs_store *s, const char *name, struct tcs_str bytes,
                       struct tcs_err *err);
int tcs_store_blob_get(struct tcs_store *s, const char *name, struct tcs_arena *a,
                       struct tcs_str *ret, struct tcs_err *err);

/* --- long memory: what is remembered of findings that were pruned, and what is usual --- */

struct tcs_store_summary {
    struct tcs_str kind, name; /* "host" or "account", in lower case */
    uint8_t stage;
    struct tcs_str technique; /* may be empty */
    int64_t first, last;
    uint64_t count;
    struct tcs_str incident; /* id, may be empty */
};
int tcs_store_summaries(struct tcs_store *s,
                        void (*each)(void *ctx, const struct tcs_store_summary *row), void *ctx,
                        struct tcs_err *err);
/* Which signature fired, and which account was active, on which host; all that was ever put. */
struct tcs_store_pair {
    struct tcs_str kind, name, host; /* "signature": name is its id; "account"; in lower case */
    int64_t first, last;
    uint64_t count, days; /* days: with at least one */
};
/* By first time. */
int tcs_store_baseline(struct tcs_store *s,
                       void (*each)(void *ctx, const struct tcs_store_pair *row), void *ctx,
                       struct tcs_err *err);

/* --- incidents --- */

/* Replaces what is kept of that id; ids in in->merged lead to it from now on. */
int tcs_store_incident_put(struct tcs_store *s, const struct tcs_incident *in, struct tcs_err *err);
/* After all of a run's incidents were put, which were made from everything kept: an older one that
 * was not among them is removed; its id leads to the one that has its first link now, if any.  What
 * began before the oldest finding kept stays as it is. */
int tcs_store_incidents_settle(struct tcs_store *s, struct tcs_err *err);
/* Called for each incident, newest last change first; only the head is filled: id, state, stages,
 * score, first, last, summary, hosts, accounts. */
int tcs_store_incidents(struct tcs_store *s, uint8_t min_state,
                        void (*each)(void *ctx, const struct tcs_incident *head), void *ctx,
                        struct tcs_err *err);
enum { TCS_STORE_PREFIX_MIN = 4 };
/* By id, a unique beginning of one (4 digits or more), or an id that was merged; in a run as it is
 * at that moment, so before tcs_store_incident_put as the last run left it.  1: found, whole,
 * in `a`; 0: none; -TCS_EUSAGE: several begin so, or it is too short. */
int tcs_store_incident_get(struct tcs_store *s, struct tcs_str id, struct tcs_arena *a,
                           struct tcs_incident *ret, struct tcs_err *err);
