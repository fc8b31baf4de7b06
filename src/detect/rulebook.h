/* detect/rulebook.h - the rules of one run: read, parsed (or taken from the cache), picked,
 * compiled.
 */
#pragma once
#include "correlate/correlate.h"
#include "detect/opts.h"
#include "detect/rulefiles.h"
#include "sigma/scan.h"

enum { TCS_REASONS_MAX = 64 };

/* Why documents were refused: one count per document, its first error. */
struct tcs_reason {
    struct tcs_str reason;
    uint32_t count;
};

struct tcs_rulecount {
    uint32_t files, seen, loaded, refused, correlations;
    uint32_t correlations_used; /* likewise, and those that other correlations read */
    uint32_t needed;            /* rules that run for correlations only */
    uint32_t used;              /* after --level, --status, --tag, --rule */
    uint32_t unreachable;       /* of the used ones: no input of this version has such events */
    struct tcs_reason reasons[TCS_REASONS_MAX];
    uint32_t nreasons;
    bool from_cache;
};

struct tcs_rulebook;

/* Read and check only: no picking, no compiling.  Paths that cannot be read are in the notes. */
int tcs_detect_rulebook_read(const struct tcs_rule_opts *opts, const char *const *paths, size_t n,
                             struct tcs_rulebook **ret, struct tcs_err *err);
/* From opts->rules (or the rules that come with tocsin) to a compiled ruleset. */
int tcs_detect_rulebook_load(const struct tcs_rule_opts *opts, struct tcs_rulebook **ret,
                             struct tcs_err *err);
/* Pick by the settings and compile; for books from tcs_detect_rulebook_read. */
int tcs_detect_rulebook_compile(struct tcs_rulebook *b, const struct tcs_rule_opts *opts,
                                struct tcs_err *err);
void tcs_detect_rulebook_free(struct tcs_rulebook *b);

/* The picked rules, which is what matches and findings count by.  Behind the *n rules stands one
 * more for each picked correlation, of which only doc and logsource (empty) mean anything:
 * findings of correlations count by those. */
const struct tcs_rule *tcs_detect_rulebook_rules(const struct tcs_rulebook *b, uint32_t *n);
/* Does the rule make findings of its own?  Not if it was picked for correlations only, or they say
 * `generate: false`. */
bool tcs_detect_rulebook_alerts(const struct tcs_rulebook *b, uint32_t rule);
/* Was it asked for, or only needed by correlations? */
bool tcs_detect_rulebook_wanted(const struct tcs_rulebook *b, uint32_t rule);
/* The picked correlations, which results count by, and their plan. */
const struct tcs_correlation *tcs_detect_rulebook_correlations(const struct tcs_rulebook *b,
                                                               uint32_t *n);
const struct tcs_corrplan *tcs_detect_rulebook_corrplan(const struct tcs_rulebook *b);
/* Is there a log that is read here in which the rule can match? */
bool tcs_detect_rulebook_reachable(const struct tcs_rulebook *b, uint32_t rule);
bool tcs_detect_rulebook_corr_wanted(const struct tcs_rulebook *b, uint32_t corr);
const struct tcs_ruleset *tcs_detect_rulebook_set(const struct tcs_rulebook *b);
const struct tcs_logsources *tcs_detect_rulebook_logsources(const struct tcs_rulebook *b);
const struct tcs_rulecount *tcs_detect_rulebook_count(const struct tcs_rulebook *b);
const struct tcs_diag *tcs_detect_rulebook_diags(const struct tcs_rulebook *b, uint32_t *n);
/* Hash (32 bytes) over all that the rules were made of, and this program. */
void tcs_detect_rulebook_content(const struct tcs_rulebook *b, uint8_t out[TCS_FILE_HASH]);
const struct tcs_notes *tcs_detect_rulebook_notes(const struct tcs_rulebook *b);
/* Why what was stored of the rules was not used, if somebody may have touched it; else NULL. */
const char *tcs_detect_rulebook_remark(const struct tcs_rulebook *b);

/* Do the settings want this rule? */
bool tcs_detect_rulebook_wants(const struct tcs_rule_opts *opts, const struct tcs_rule *rule);

enum tcs_pick { TCS_PICK_NOT, TCS_PICK_NEEDED, TCS_PICK_WANTED };

/* Of each rule and each correlation, in the order of tcs_sigma_rules_all and
 * tcs_sigma_rules_correlations. */
struct tcs_picks {
    uint8_t *rules, *corrs;
};

/* Fills the picks; negative: no memory. */
int tcs_detect_rulebook_pick(const struct tcs_rule_opts *opts, const struct tcs_rules *rules,
                             struct tcs_picks *picks);
