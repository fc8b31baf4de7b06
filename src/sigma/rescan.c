/* sigma/rescan.c - finds look-around, backreferences, recursion and their like in a PCRE pattern.
 *
 * The specification allows . ^ $ * + ? {n,m} [] () | and no other metacharacters.  Rules in the
 * field also use \d \w \s \b, (?:...), lazy quantifiers and (?i): these mean the same in every
 * flavour and cost nothing, so they pass.  What is refused here differs between flavours and makes
 * a match exponential or worse. */
#include "sigma/rescan.h"

struct scan {
    struct tcs_str re;
    size_t at;
};

static bool
here(const struct scan *s, const char *what)
{
    return tcs_base_str_starts(tcs_base_str_slice(s->re, s->at, s->re.n), tcs_base_str_of(what));
}

/* After `[`: to the `]` that closes it. */
static void
skip_class(struct scan *s)
{
    s->at++;
    if (here(s, "^"))
        s->at++;
    if (here(s, "]"))
        s->at++;
    for (; s->at < s->re.n && s->re.p[s->at] != ']'; s->at++) {
        if (s->re.p[s->at] == '\\')
            s->at++;
        else if (here(s, "[:"))
            s->at = tcs_base_str_find(s->re, ']', s->at);
    }
    s->at++;
}

/* At a backslash. */
static const char *
escape(struct scan *s)
{
    static const struct {
        char c;
        const char *name;
    } bad[] = {{'g', "a backreference or subroutine (\\g)"},
               {'k', "a backreference (\\k)"},
               {'K', "\\K"},
               {'G', "\\G"},
               {'C', "\\C"},
               {'X', "\\X"}};
    char c = s->at + 1 < s->re.n ? s->re.p[s->at + 1] : '\0';
    if (c >= '1' && c <= '9')
        return "a backreference";
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bad[i].c == c)
            return bad[i].name;
    s->at += 2;
    if (c != 'Q')
        return NULL;
    while (s->at < s->re.n && !here(s, "\\E"))
        s->at++;
    return NULL;
}

/* At an opening parenthesis. */
static const char *
group(struct scan *s)
{
    static const struct {
        const char *text, *name;
    } bad[] = {
        {"(*", "a verb or (*...) group"},
        {"(?=", "look-ahead"},
        {"(?!", "negative look-ahead"},
        {"(?<=", "look-behind"},
        {"(?<!", "negative look-behind"},
        {"(?(", "a conditional group"},
        {"(?R", "recursion"},
        {"(?&", "a subroutine call"},
        {"(?P>", "a subroutine call"},
        {"(?P=", "a backreference"},
        {"(?C", "a callout"},
        {"(?|", "a branch reset"},
        {"(?+", "a subroutine call"},
        {"(?0", "recursion"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (here(s, bad[i].text))
            return bad[i].name;
    /* (?1) and (?-1) call a group; (?-i) is a flag */
    size_t d = s->at + (here(s, "(?-") ? 3 : 2);
    if (here(s, "(?") && d < s->re.n && s->re.p[d] >= '1' && s->re.p[d] <= '9')
        return "a subroutine call";
    if (here(s, "(?#"))
        s->at = tcs_base_str_find(s->re, ')', s->at);
    s->at++;
    return NULL;
}

const char *
tcs_sigma_rescan(struct tcs_str re, size_t *at)
{
    struct scan s = {.re = re};
    while (s.at < re.n) {
        const char *bad = NULL;
        char c = re.p[s.at];
        if (c == '\\')
            bad = escape(&s);
        else if (c == '(')
            bad = group(&s);
        else if (c == '[')
            skip_class(&s);
        else
            s.at++;
        if (bad) {
            *at = s.at;
            return bad;
        }
    }
    return NULL;
}
