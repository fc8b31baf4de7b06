/* chain/chain_int.h - what the parts of the chain share.  Private to src/chain.
 *
 *   chain.c        takes in, sorts, drives       learnt.c          tables learnt from observations
 *   keys.c         arrays and tables             order.c           the order of time
 *   deduplicate.c  one of each record            telemetry_loss.c  hosts that fall silent
 *   join.c         finding -> incident           actor.c           who acts, from where
 *   links.c        links and reasons; merging    score.c           weight, novelty, stages, states
 *   memory.c       what is no longer kept        resolve.c         incident -> resolved text
 *   room.c         what is kept of too much      hosts.c           when hosts were seen
 *   reasons.c      join reasons in words         reach.c           blast radius
 *   tell.c         evidence, ids, kept texts      sort.c            what is nearly sorted
 *   chain_image.c  what was fed, as bytes */
#pragma once
#include "base/time.h"
#include "chain/chain.h"
#include "chain/entity.h"

static inline int64_t
chain_seconds(int64_t n)
{
    return n * TCS_TICKS_PER_SEC;
}

/* --- as taken in, names as numbers --- */

struct chain_obs {
    int64_t time;
    uint64_t key;                              /* which record: of its tcs_key */
    uint64_t session, linked, process, parent; /* process, parent: hashes */
    uint64_t record, offset;
    uint32_t host, user, target, source_host, source_ip, dest_host;
    uint32_t user_id, target_id; /* SIDs that the record gives `user` and `target` */
    uint32_t file, channel, event_id, pid, object;
    uint8_t kind, logon_type;
};

struct chain_finding {
    int64_t time;
    uint64_t key; /* which record: of its tcs_key */
    uint64_t session, target_session, process, parent, path;
    uint64_t record, offset, group;
    uint32_t sig;
    uint32_t host, user, target, source_host, source_ip, dest_host;
    uint32_t user_id, target_id; /* SIDs that the record gives `user` and `target` */
    uint32_t file, channel, event_id, pid, object, image, unchecked;
    uint8_t flags, activity; /* enum tcs_activity */
    /* found out when it is its turn (join.c) */
    uint8_t stage;
    bool counts;     /* its weight is enough to count as a stage of an incident */
    uint8_t novelty; /* enum chain_novelty */
    uint16_t points;
    uint32_t actor;         /* account that acts; CHAIN_NONE: not known, or everywhere */
    uint32_t place;         /* host where it acts: not the domain controller that logged it */
    uint32_t from, from_ip; /* where the acting session came from */
    uint64_t acting, luid;  /* key of its session, and the logon id */
};

struct chain_sig {
    struct tcs_signature s; /* texts in the chain's arena, techniques as given */
    uint8_t stage;
    bool remote;   /* how programs are begun on other hosts: services, tasks, WMI */
    bool intrudes; /* hardly ever an administrator's work */
    bool warns;    /* a sign that comes before destruction */
    bool destroys; /* destruction itself */
    bool impairs;  /* a security tool off */
    bool fans;     /* a correlation over many hosts, lateral */
};

/* --- tables from observations (learnt.c) --- */

struct chain_entry {
    int64_t time;
    uint32_t obs;
};
/* Entries of one (a, b) in an index. */
struct chain_group {
    uint64_t a, b;
    uint32_t from, n; /* n 0: a free slot */
};
struct chain_index {
    struct chain_entry *at; /* of each group together, by time */
    uint32_t n;
    struct chain_group *groups; /* open addressing, power of two */
    uint32_t mask, used;
};

enum chain_ix {
    IX_SESSION,
    IX_PID,
    IX_PROCESS,
    IX_TICKET,
    IX_ADDRESS,
    IX_BOOT,
    IX_FROM,
    IX_ACCOUNT,
    IX_COUNT
};

struct chain_sessions {
    const struct chain_obs *obs;
    uint32_t nobs;
    const struct chain_entities *e;
    struct chain_index ix[IX_COUNT];
};

/* Where a session came from. */
struct chain_source {
    uint32_t host, ip;
    const struct chain_obs *by; /* the record that tells; the logon, or a ticket near it */
};

/* `obs` sorted by time.  False: no memory. */
bool chain_sessions_build(struct chain_sessions *s, const struct chain_entities *e,
                          const struct chain_obs *obs, uint32_t n);
void chain_sessions_done(struct chain_sessions *s);
/* The logon that began the session that `luid` is on the host at `time`; NULL: not recorded. */
const struct chain_obs *chain_logon(const struct chain_sessions *s, uint32_t host, uint64_t luid,
                                    int64_t time);
/* The account's newest logon on the host, not long before; NULL: none. */
const struct chain_obs *chain_logon_of(const struct chain_sessions *s, uint32_t host,
                                       uint32_t account, int64_t time);
/* The same for both halves of a split token, another after a boot.  0 for luids that every host
 * has. */
uint64_t chain_session_key(const struct chain_sessions *s, uint32_t host, uint64_t luid,
                           int64_t time);
struct chain_source chain_source_of(const struct chain_sessions *s, const struct chain_obs *logon);
const struct chain_obs *chain_process(const struct chain_sessions *s, uint64_t guid);
const struct chain_obs *chain_process_by_pid(const struct chain_sessions *s, uint32_t host,
                                             uint32_t pid, int64_t time);
/* The host that has the address about that time; CHAIN_NONE: not known, or several. */
uint32_t chain_host_of(const struct chain_sessions *s, uint32_t ip, int64_t time);
/* The one account that logged on to the host from the address about that time, reached a share of
 * it, or asked for a ticket to it; CHAIN_NONE: none, or several. */
uint32_t chain_account_from(const struct chain_sessions *s, uint32_t host, uint32_t ip,
                            int64_t time);

/* --- incidents while they grow (links.c, join.c, score.c) --- */

enum chain_novelty { NOVEL_KNOWN, NOVEL_LEARNING, NOVEL_HOST, NOVEL_EVERYWHERE };

enum {
    CHAIN_LINKS_MAX = 256,            /* different (rule, host, account) of an incident */
    CHAIN_JOINS_MAX = 512,            /* reasons kept of an incident */
    CHAIN_MOVES_MAX = TCS_STATES - 1, /* state changes: into each state once */
};

struct chain_link {
    uint64_t print; /* of (rule, host, actor) */
    int64_t first, last;
    uint64_t count;
    uint32_t finding; /* the first */
    uint32_t prev;    /* the link before it in the best chain that ends here; UINT32_MAX: none */
    uint32_t best;    /* weight of that chain */
};

struct chain_reason {
    uint8_t kind, strength; /* enum tcs_join_kind, tcs_strength */
    uint8_t why;            /* enum chain_why */
    int64_t time;
    uint32_t finding, to; /* findings; UINT32_MAX: none */
    uint32_t obs;         /* the observation that tells; UINT32_MAX: none */
    uint32_t other;       /* RELATED: incident; WHY_REMEMBERED: row of the long memory */
};

/* The words are in reasons.c. */
enum chain_why {
    WHY_GROUP,
    WHY_SESSION,
    WHY_PROCESS,
    WHY_PARENT,
    WHY_HOST_ACCOUNT,
    WHY_LOGON_FROM,
    WHY_ADDRESS_ACCOUNT,
    WHY_ADDRESS_HOST,
    WHY_FILE,
    WHY_MADE_ACCOUNT,
    WHY_ALERT_HOST,
    WHY_SWEEP,
    WHY_STOLEN,
    WHY_REMEMBERED,
    WHY_LONG_AGO,
    WHY_TWO_WEAK,
    WHY_ACCOUNT,
    WHY_HOST,
    WHY_ADDRESS,
    WHY_DEGREE,
    WHYS
};

struct chain_move {
    int64_t time;
    uint32_t finding;
    uint8_t state, rule; /* rule: of the states' table, score.c */
};

struct chain_inc {
    uint32_t into; /* union: itself while alive */
    uint32_t nlinks, cap_links;
    struct chain_link *links; /* by first time, then order of findings */
    struct chain_reason *reasons;
    uint32_t nreasons, cap_reasons;
    uint32_t *merged; /* incidents that became part */
    uint32_t nmerged, cap_merged;
    uint32_t own; /* its first finding that is not borrowed */
    int64_t first, last, last_counted;
    uint64_t findings, dropped;
    uint32_t counted; /* links that count */
    uint32_t end;     /* link where the best chain ends; UINT32_MAX: none */
    bool changed;     /* links came or went since the chain was found */
    uint32_t score;
    uint8_t stages;  /* of the best chain: bit 1 << stage */
    uint8_t earlier; /* stages of related incidents from long ago */
    uint8_t state;
    struct chain_move moves[CHAIN_MOVES_MAX];
    uint32_t nmoves;
};

struct chain_key {
    uint64_t key;
    int64_t last;
    uint32_t inc, finding;
    uint32_t had; /* weak keys: 1 + row of the incidents that had it; 0: only this one */
};

/* When a log has records of a host. */
struct chain_span {
    int64_t first, last;
    uint32_t host, file;
};

/* An account that logged on to a host, as often as it did. */
struct chain_edge {
    uint32_t account, host, obs; /* obs: the last logon */
    uint64_t count;
    bool admin, leaves; /* leaves: a kind of logon that leaves credentials on the host */
};

/* Of a name in an incident whose records are no longer kept. */
struct chain_earlier {
    uint32_t id;
    bool account;   /* else a host */
    uint8_t stages; /* bit 1 << stage */
    int64_t last;
    uint32_t incident; /* its id, a text */
};

struct chain_known {
    uint32_t sig, host;
    int64_t first;
};

/* Open addressing, power of two; keys are never 0. */
struct chain_keys {
    struct chain_key *at;
    uint32_t mask, n;
    uint64_t seed; /* of where a key is */
};

struct tcs_chain {
    struct tcs_chain_opts opts;
    struct tcs_arena *arena; /* names, signatures, incidents */
    struct chain_entities e;
    struct tcs_map sig_map;
    struct chain_sig *sigs;
    uint32_t nsigs, cap_sigs;
    struct chain_finding *findings;
    uint32_t nfindings, cap_findings;
    struct chain_obs *obs;
    uint32_t nobs, cap_obs;
    struct chain_keys addresses; /* (log, host, address, day) -> its ADDRESS observation */
    struct chain_sessions sessions;
    struct chain_keys keys, pairs;
    struct chain_had *had; /* join.c */
    uint32_t nhad, cap_had;
    struct chain_inc *incs;
    uint32_t nincs, cap_incs;
    struct chain_span *spans;
    uint32_t nspans, cap_spans;
    struct chain_keys span_of;       /* (log, host) -> its span */
    int64_t *host_first, *host_last; /* of each host: first and last seen */
    struct chain_known *known;
    uint32_t known_n, cap_known;
    struct chain_earlier *earlier;
    uint32_t nearlier, cap_earlier;
    struct chain_edge *edges;
    uint32_t nedges, cap_edges;
    uint32_t *members; /* observations of kind MEMBER */
    uint32_t nmembers, cap_members;
    uint32_t *near_hosts,
        *near_accounts; /* of each: how near to the incident that reach.c looks at */
    uint32_t near_now;
    struct tcs_incident *out;
    uint32_t nout;
    struct tcs_chain_stats stats;
    uint32_t fold_findings, fold_obs; /* at which number repetitions are looked for again */
    uint32_t max_spans, max_apart;    /* limits that are no options, see base/limits.h */
    size_t max_name_bytes;
    struct tcs_left_out *left_out; /* by log */
    uint32_t nleft_out, cap_left_out;
    struct tcs_map left_out_of;
    bool finished, failed;
    bool limits_shrank; /* names took so much that there is room for fewer of all else */
};

/* keys.c.  The slot of the key, made if it is new (key 0 then: fill it).  NULL: no memory. */
struct chain_key *chain_keys_put(struct chain_keys *k, uint64_t key);
/* NULL: none.  Key 0 is no key: what a key is made of was not recorded. */
struct chain_key *chain_keys_get(const struct chain_keys *k, uint64_t key);
void chain_keys_clear(struct chain_keys *k);

/* order.c: the order of time; what says the same in it is ordered by what it holds.  ctx: the
 * chain. */
int chain_order_finding(const void *pa, const void *pb, void *ctx);
int chain_order_obs(const void *pa, const void *pb, void *ctx);
/* Which copy of one record is told of; names need not be resolved. */
int chain_order_finding_copy(const void *pa, const void *pb, void *ctx);
int chain_order_obs_copy(const void *pa, const void *pb, void *ctx);

/* sort.c: stable.  False: no memory. */
bool chain_sort(struct tcs_chain *c, void *items, uint32_t n, size_t size,
                int (*compare)(const void *a, const void *b, void *chain));

/* chain.c: findings and observations into the order of time.  False: no memory. */
bool chain_sort_fed(struct tcs_chain *c);
/* room.c: what was left out before an image was made. */
void chain_left_out_again(struct tcs_chain *c, const struct tcs_left_out *row);
/* chain.c: one of an image; its names are the chain's numbers. */
int chain_take_finding(struct tcs_chain *c, const struct chain_finding *d, struct tcs_err *err);
int chain_take_obs(struct tcs_chain *c, const struct chain_obs *o, struct tcs_err *err);

/* deduplicate.c.  Before one more is taken: folds repetitions if it is time for it; and all of them
 * at the end (false: no memory). */
void chain_fold_findings(struct tcs_chain *c);
void chain_fold_obs(struct tcs_chain *c);
/* Addresses that several logs tell, when all was taken in and shares are dealt.  False: no
 * memory. */
bool chain_fold_addresses(struct tcs_chain *c);
bool chain_fold_all(struct tcs_chain *c);
/* Once more what telemetry_loss.c added to findings: of one record several rules may say it. */
bool chain_fold_lost(struct tcs_chain *c);

/* deduplicate.c: the key of what an observation of kind ADDRESS tells; in c->addresses, by log. */
uint64_t chain_address_key(const struct chain_obs *o, bool by_log);
/* deduplicate.c: places of observations changed, so c->addresses is made anew.  False: no
 * memory. */
bool chain_addresses_moved(struct tcs_chain *c);

/* hosts.c: names or places of spans changed, so c->span_of is made anew.  False: no memory. */
bool chain_spans_moved(struct tcs_chain *c);
/* hosts.c, once names are resolved: fills c->host_first, c->host_last.  False: no memory. */
bool chain_see_hosts(struct tcs_chain *c);

/* room.c; each false: no memory. */
bool chain_make_room(struct tcs_chain *c);     /* before one more is taken */
bool chain_cut_to_limits(struct tcs_chain *c); /* when all was taken, before names are resolved */
bool chain_cut_to_join(struct tcs_chain *c); /* the same, of findings that have nothing in common */
bool chain_cut_findings(struct tcs_chain *c, uint32_t max);
bool chain_sweep_names(struct tcs_chain *c);
void chain_sort_left_out(struct tcs_chain *c); /* who lost most, first */

/* score.c.  The level that the finding counts with: its rule's, one lower if a part of the rule
 * could not be checked. */
uint8_t chain_level(const struct tcs_chain *c, const struct chain_finding *d);
void chain_pairs_known(struct tcs_chain *c);
void chain_weigh(struct tcs_chain *c, struct chain_finding *d);
/* Best chain, stages and score of the incident from its links. */
void chain_score(struct tcs_chain *c, struct chain_inc *in);
/* Raises the state if a row of the table holds; `finding` is what happened. */
void chain_states(struct tcs_chain *c, struct chain_inc *in, uint32_t finding);
struct tcs_str chain_move_text(uint8_t rule);

/* actor.c: fills what is found out about who and where. */
void chain_resolve(const struct tcs_chain *c, struct chain_finding *d);
/* Nobody in particular, or on the stop list? */
static inline bool
chain_stops(const struct tcs_chain *c, uint32_t account)
{
    return !account || c->e.accounts.at[account].stop;
}

/* links.c; what fails for want of memory sets c->failed. */
uint32_t chain_begin(struct tcs_chain *c, uint32_t finding); /* UINT32_MAX: no memory */
struct chain_link chain_link_of(const struct tcs_chain *c, uint32_t finding);
/* True: a new link; false: one more of a known one, or none for want of room. */
bool chain_add_link(struct tcs_chain *c, struct chain_inc *in, const struct chain_link *l);
void chain_add_reason(struct tcs_chain *c, struct chain_inc *in, struct chain_reason r);
/* The one that began first stays; its id is the incident's.  Its number. */
uint32_t chain_merge(struct tcs_chain *c, uint32_t a, uint32_t b);

/* join.c */
bool chain_join_all(struct tcs_chain *c);
static inline struct chain_inc *
chain_root(const struct tcs_chain *c, uint32_t inc)
{
    while (c->incs[inc].into != inc)
        inc = c->incs[inc].into;
    return &c->incs[inc];
}

/* The furthest of a set of stages (bit 1 << stage); 0: none. */
static inline uint8_t
chain_furthest(uint32_t stages)
{
    return stages ? (uint8_t)(31 - __builtin_clz(stages)) : 0;
}

/* memory.c: once, when names are resolved; then for each finding that counts. */
void chain_earlier_sort(struct tcs_chain *c);
void chain_remind(struct tcs_chain *c, struct chain_inc *in, uint32_t finding);

/* telemetry_loss.c: adds a finding for each host that fell silent after one; before sorting. */
bool chain_telemetry_loss(struct tcs_chain *c);

/* resolve.c: fills c->out; reasons.c, reach.c: of one incident; tell.c: the rest. */
bool chain_explain(struct tcs_chain *c);
bool chain_edges(struct tcs_chain *c); /* once, before reach */
bool chain_put_joins(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out);
void chain_put_id(const struct tcs_chain *c, const struct chain_inc *in,
                  char out[TCS_INCIDENT_ID + 1]);
/* What the buffer holds, in the chain's arena; ends the buffer. */
struct tcs_str chain_keep(struct tcs_chain *c, struct tcs_buf *b);
bool chain_reach(struct tcs_chain *c, const struct chain_inc *in, struct tcs_incident *out);
struct tcs_evidence chain_obs_evidence(const struct tcs_chain *c, const struct chain_obs *o);
struct tcs_evidence chain_finding_evidence(const struct tcs_chain *c,
                                           const struct chain_finding *d);
