/* sigma/pattern.h - a Sigma string while modifiers work on it: characters as bytes, and wildcards
 * as elements of their own, so that neither escaping nor encoding can confuse the two.
 * Internal to src/sigma. */
#pragma once
#include "base/arena.h"

enum {
    TCS_E_RUN = 0x100, /* `*` */
    TCS_E_ONE,         /* `?` */
    TCS_E_DASH,        /* any of the five characters of windash */
};

struct tcs_pat {
    uint16_t *e; /* 0..255: a byte of UTF-8 (of the encoding, after utf16*); else TCS_E_* */
    uint32_t n;
};

enum tcs_utf16 { TCS_UTF16_LE, TCS_UTF16_BE, TCS_UTF16_BOM };

/* All results are in `a`; .e is NULL when it is full. */

/* Sigma's escaping (rules specification, "Escape Character"): a backslash before `*`, `?` or a
 * backslash makes that one plain; any other backslash is plain itself. */
struct tcs_pat tcs_sigma_pat_parse(struct tcs_arena *a, struct tcs_str s);
struct tcs_pat tcs_sigma_pat_plain(struct tcs_arena *a, struct tcs_str s);
struct tcs_pat tcs_sigma_pat_join(struct tcs_arena *a, struct tcs_pat x, struct tcs_pat y);
/* A run before and/or after, unless there is one. */
struct tcs_pat tcs_sigma_pat_wrap(struct tcs_arena *a, struct tcs_pat p, bool before, bool after);
/* An element that is no byte? */
bool tcs_sigma_pat_special(struct tcs_pat p);
/* Each of - / U+2013 U+2014 U+2015 becomes TCS_E_DASH; *n: how many. */
struct tcs_pat tcs_sigma_pat_dashes(struct tcs_arena *a, struct tcs_pat p, uint32_t *n);
/* The TCS_E_DASHes, in order, become the characters that the base-5 digits of `which` name. */
struct tcs_pat tcs_sigma_pat_with_dashes(struct tcs_arena *a, struct tcs_pat p, uint32_t which);
enum { TCS_DASHES = 5 };
/* Wildcards stay, characters become code units of two bytes. */
struct tcs_pat tcs_sigma_pat_utf16(struct tcs_arena *a, struct tcs_pat p, enum tcs_utf16 how);
/* RFC 4648 §4, with padding.  The pattern must be all bytes. */
struct tcs_pat tcs_sigma_pat_base64(struct tcs_arena *a, struct tcs_pat p);
/* The characters that do not depend on what is around the value when it begins `shift` (0, 1, 2)
 * bytes into a group of three.  May be empty. */
struct tcs_pat tcs_sigma_pat_base64_at(struct tcs_arena *a, struct tcs_pat p, unsigned shift);
/* The form of a STR predicate (sigma/ast.h).  {NULL, 0} also when the bytes between the wildcards
 * are not UTF-8, which no text can match. */
struct tcs_str tcs_sigma_pat_text(struct tcs_arena *a, struct tcs_pat p);
/* The same as a PCRE pattern to be used with TCS_PF_RE_S: the whole value must match. */
struct tcs_str tcs_sigma_pat_regex(struct tcs_arena *a, struct tcs_pat p, bool anchored);
