/* detect/opts.h - what decides what is found in given bytes: which rules, which records, which
 * maps.
 *
 * Plain data; texts are borrowed and must live as long as what was made from them. */
#pragma once
#include "base/str.h"
#include "base/time.h"

struct tcs_detect_list {
    const char *const *at;
    size_t n;
};

/* Which rules are read, and which of them run. */
struct tcs_rule_opts {
    struct tcs_detect_list paths;                 /* none: the rules that come with tocsin */
    struct tcs_detect_list tags, names, products; /* empty: any */
    uint8_t level, status;                        /* at least; enum tcs_level, enum tcs_status */
    const char *logsources;                       /* a file beside the built-in table; NULL: none */
    const char *placeholders; /* a folder with values for `expand`; NULL: none */
    unsigned threads;         /* that parse; not 0 */
    bool no_cache;
};

struct tcs_detect_opts {
    struct tcs_rule_opts rules;
    struct tcs_detect_list hosts;      /* records of these only; empty: of all */
    struct tcs_detect_list alert_maps; /* files beside the built-in map of other tools' alerts */
    int64_t from, to;                  /* ticks; TCS_TIME_NONE: no bound */
    bool carve;                        /* EVTX: also slack and deleted records */
    bool hide_unchecked;               /* matches that are not certain are none */
};
