/* match/regex.h - one regular expression (PCRE2, UTF, no UCP, newline LF).
 *
 * A compiled expression is immutable and shared; each thread brings its scratch.  A match takes a
 * few hundred steps from each character that it may begin at; where more are needed, at most
 * TCS_REGEX_MATCH_LIMIT, and all matches of one event together TCS_REGEX_WORK_MAX.  Memory is
 * bounded. */
#pragma once
#include "base/err.h"
#include "base/str.h"

struct tcs_regex;
struct tcs_regex_scratch;

/* `flags`: TCS_REGEX_*.  -TCS_EPARSE says what is wrong; err->off is the byte in the pattern. */
enum { TCS_REGEX_I = 1, TCS_REGEX_M = 2, TCS_REGEX_S = 4 };
int tcs_match_regex_new(struct tcs_str pattern, unsigned flags, struct tcs_regex **ret,
                        struct tcs_err *err);
/* Is it a pattern that tcs_match_regex_new takes?  As above, but nothing is kept. */
int tcs_match_regex_check(struct tcs_str pattern, unsigned flags, struct tcs_err *err);
void tcs_match_regex_free(struct tcs_regex *re);
/* In characters: no shorter text matches. */
size_t tcs_match_regex_shortest(const struct tcs_regex *re);

struct tcs_regex_scratch *tcs_match_regex_scratch_new(void); /* NULL: no memory */
void tcs_match_regex_scratch_free(struct tcs_regex_scratch *s);
/* A new event: its matches may take as much as those of the one before could. */
void tcs_match_regex_renew(struct tcs_regex_scratch *s);
/* Matches give up when this says so; it is asked often. */
void tcs_match_regex_stop_when(struct tcs_regex_scratch *s, bool (*stopped)(void *ctx), void *ctx);
/* Found somewhere in `text` (well-formed UTF-8)?  1 yes, 0 no, -1 gave up at a limit. */
int tcs_match_regex_match(const struct tcs_regex *re, struct tcs_regex_scratch *s,
                          struct tcs_str text);
