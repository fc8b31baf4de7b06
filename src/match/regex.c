/* match/regex.c - PCRE2's interpreter.  Its compiler to machine code is left alone: it keeps pages
 * that are writable and executable beside hostile bytes (docs/adr/0028-no-machine-code.md). */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "match/regex.h"

#include "base/limits.h"

#include <pcre2.h>
#include <stdlib.h>

enum {
    HEAP_LIMIT_KIB = 4096, /* of the interpreter, per match */
    PARENS_MAX = 100,
    FIRST_LIMIT =
        500,       /* steps from one character, before it is looked at whether they are too many */
    MORE = 4,      /* times as many when they were */
    WINDOW = 1024, /* characters that a match may begin at, until somebody may stop it */
};

struct tcs_regex {
    pcre2_code *code;
    size_t shortest;
};

struct tcs_regex_scratch {
    pcre2_match_data *data;
    pcre2_match_context *ctx;
    uint64_t left; /* of TCS_REGEX_WORK_MAX */
    bool (*stopped)(void *ctx);
    void *stop_ctx;
};

static int
compile(struct tcs_str pattern, unsigned flags, pcre2_code **ret, struct tcs_err *err)
{
    uint32_t opts = PCRE2_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;
    opts |= flags & TCS_REGEX_I ? PCRE2_CASELESS : 0;
    opts |= flags & TCS_REGEX_M ? PCRE2_MULTILINE : 0;
    opts |= flags & TCS_REGEX_S ? PCRE2_DOTALL : 0;
    if (pattern.n > TCS_REGEX_LEN_MAX)
        return tcs_base_fail(err, TCS_ELIMIT, "regular expression of %zu bytes, allowed are %d",
                             pattern.n, TCS_REGEX_LEN_MAX);
    pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
    if (!cc)
        return tcs_base_fail(err, TCS_ENOMEM, "regular expression");
    pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(cc, PARENS_MAX);
    int code;
    PCRE2_SIZE off;
    *ret =
        pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.p : ""), pattern.n, opts, &code, &off, cc);
    pcre2_compile_context_free(cc);
    if (*ret)
        return 0;
    char text[160];
    pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
    int rc = tcs_base_fail(err, TCS_EPARSE, "at character %zu: %s", (size_t)off + 1, text);
    if (err)
        err->off = off;
    return rc;
}

int
tcs_match_regex_check(struct tcs_str pattern, unsigned flags, struct tcs_err *err)
{
    pcre2_code *code;
    int rc = compile(pattern, flags, &code, err);
    if (rc == 0)
        pcre2_code_free(code);
    return rc;
}

int
tcs_match_regex_new(struct tcs_str pattern, unsigned flags, struct tcs_regex **ret,
                    struct tcs_err *err)
{
    struct tcs_regex *re = malloc(sizeof *re);
    if (!re)
        return tcs_base_fail(err, TCS_ENOMEM, "regular expression");
    int rc = compile(pattern, flags, &re->code, err);
    if (rc < 0) {
        free(re);
        return rc;
    }
    uint32_t shortest = 0;
    pcre2_pattern_info(re->code, PCRE2_INFO_MINLENGTH, &shortest);
    re->shortest = shortest;
    *ret = re;
    return 0;
}

void
tcs_match_regex_free(struct tcs_regex *re)
{
    if (re)
        pcre2_code_free(re->code);
    free(re);
}

size_t
tcs_match_regex_shortest(const struct tcs_regex *re)
{
    return re->shortest;
}

struct tcs_regex_scratch *
tcs_match_regex_scratch_new(void)
{
    struct tcs_regex_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->data = pcre2_match_data_create(1, NULL);
    s->ctx = pcre2_match_context_create(NULL);
    if (!s->data || !s->ctx) {
        tcs_match_regex_scratch_free(s);
        return NULL;
    }
    s->left = TCS_REGEX_WORK_MAX;
    pcre2_set_heap_limit(s->ctx, HEAP_LIMIT_KIB);
    return s;
}

void
tcs_match_regex_scratch_free(struct tcs_regex_scratch *s)
{
    if (!s)
        return;
    pcre2_match_data_free(s->data);
    pcre2_match_context_free(s->ctx);
    free(s);
}

void
tcs_match_regex_stop_when(struct tcs_regex_scratch *s, bool (*stopped)(void *ctx), void *ctx)
{
    s->stopped = stopped;
    s->stop_ctx = ctx;
}

void
tcs_match_regex_renew(struct tcs_regex_scratch *s)
{
    s->left = TCS_REGEX_WORK_MAX;
}

/* Beginning at text.p[at] or, not anchored, at one of the characters up to `to`. */
static int
match(const struct tcs_regex *re, struct tcs_regex_scratch *s, struct tcs_str text, size_t at,
      size_t to, uint32_t limit)
{
    uint32_t opts = PCRE2_NO_UTF_CHECK | (at == to ? PCRE2_ANCHORED : 0);
    pcre2_set_match_limit(s->ctx, limit);
    pcre2_set_offset_limit(s->ctx, to);
    return pcre2_match(re->code, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, at, opts, s->data,
                       s->ctx);
}

/* Beginning at text.p[at], with as many steps as are allowed and left. */
static int
match_at(const struct tcs_regex *re, struct tcs_regex_scratch *s, struct tcs_str text, size_t at)
{
    uint32_t limit = FIRST_LIMIT;
    int rc = match(re, s, text, at, at, limit);
    while (rc == PCRE2_ERROR_MATCHLIMIT && limit < TCS_REGEX_MATCH_LIMIT) {
        limit = limit < TCS_REGEX_MATCH_LIMIT / MORE ? limit * MORE : TCS_REGEX_MATCH_LIMIT;
        if (limit > s->left)
            return rc;
        s->left -= limit;
        rc = match(re, s, text, at, at, limit);
    }
    return rc;
}

static bool
continues(struct tcs_str text, size_t at)
{
    return at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80;
}

/* PCRE2 counts steps from each character anew, so that a text may take as many times the limit as
 * it has characters.  Few of them need more than a few steps: only those are counted, together. */
int
tcs_match_regex_match(const struct tcs_regex *re, struct tcs_regex_scratch *s, struct tcs_str text)
{
    int rc = PCRE2_ERROR_NOMATCH;
    for (size_t at = 0, to; at <= text.n && rc == PCRE2_ERROR_NOMATCH; at = to + 1) {
        to = text.n - at > WINDOW ? at + WINDOW : text.n;
        while (continues(text, to + 1))
            to++;
        if (s->stopped && s->stopped(s->stop_ctx))
            return -1;
        rc = match(re, s, text, at, to, FIRST_LIMIT);
        if (rc != PCRE2_ERROR_MATCHLIMIT)
            continue;
        rc = PCRE2_ERROR_NOMATCH;
        for (; at <= to && rc == PCRE2_ERROR_NOMATCH; at++)
            rc = continues(text, at) ? rc : match_at(re, s, text, at);
    }
    if (rc >= 0)
        return 1;
    return rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
