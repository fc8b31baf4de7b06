/* sigma/modifier.c - "Field|contains|all" -> field and checked chain of modifiers.
 *
 * The checks are rows of a table.  What a modifier does to a value is in rule_value.c. */
#include "sigma/modifier.h"

#include "base/invariant.h"
#include "sigma/suggest.h"

#include <inttypes.h>

enum {
    STR = 1 << TCS_YT_STR,
    NUL = 1 << TCS_YT_NULL,
    BOOL = 1 << TCS_YT_BOOL,
    INT = 1 << TCS_YT_INT,
    FLOAT = 1 << TCS_YT_FLOAT,
    NUMBER = INT | FLOAT,
    TEXT = STR | BOOL | NUMBER, /* what has a text as it is written */
    ANY = TEXT | NUL
};

#define LISTS (TCS_M(ALL) | TCS_M(NEQ))
#define RE_FLAGS (TCS_M(I) | TCS_M(M) | TCS_M(S))
#define STRINGS                                                                                    \
    (LISTS | TCS_M_ANCHOR | TCS_M(CASED) | TCS_M(WINDASH) | TCS_M_UTF | TCS_M_ENCODE |             \
     TCS_M(EXPAND))

struct row {
    const char *name;
    uint32_t with;     /* may be in one chain with these */
    uint32_t before;   /* and then stands before these */
    uint32_t needs;    /* one of these stands before it */
    uint8_t values;    /* types that it works on */
    bool field;        /* not for keywords: it speaks about one field's whole value */
    const char *wants; /* when a value is of another type */
};

static const struct row table[] = {
    [TCS_M_ALL] = {"all", ~TCS_M(EXISTS), 0, 0, ANY, false, NULL},
    [TCS_M_STARTSWITH] = {"startswith", (STRINGS & ~TCS_M_ANCHOR) | TCS_M(FIELDREF), 0, 0, TEXT,
                          true, "a text"},
    [TCS_M_ENDSWITH] = {"endswith", (STRINGS & ~TCS_M_ANCHOR) | TCS_M(FIELDREF), 0, 0, TEXT, true,
                        "a text"},
    [TCS_M_CONTAINS] = {"contains", (STRINGS & ~TCS_M_ANCHOR) | TCS_M(FIELDREF), 0, 0, TEXT, false,
                        "a text"},
    [TCS_M_EXISTS] = {"exists", 0, 0, 0, BOOL, true, "true or false, without quotes"},
    [TCS_M_CASED] = {"cased", STRINGS | TCS_M(FIELDREF), 0, 0, TEXT, false, "a text"},
    [TCS_M_NEQ] = {"neq", ~TCS_M(EXISTS), 0, 0, ANY, false, NULL},
    [TCS_M_WINDASH] = {"windash", STRINGS, TCS_M_ENCODE | TCS_M_UTF, 0, TEXT, false, "a text"},
    [TCS_M_RE] = {"re", LISTS | RE_FLAGS | TCS_M(EXPAND), 0, 0, STR | NUMBER, false,
                  "a regular expression"},
    [TCS_M_I] = {"i", LISTS | RE_FLAGS | TCS_M(RE) | TCS_M(EXPAND), 0, TCS_M(RE), ANY, false, NULL},
    [TCS_M_M] = {"m", LISTS | RE_FLAGS | TCS_M(RE) | TCS_M(EXPAND), 0, TCS_M(RE), ANY, false, NULL},
    [TCS_M_S] = {"s", LISTS | RE_FLAGS | TCS_M(RE) | TCS_M(EXPAND), 0, TCS_M(RE), ANY, false, NULL},
    [TCS_M_BASE64] = {"base64", STRINGS, TCS_M_ANCHOR | TCS_M(BASE64OFFSET), 0, STR | NUMBER, false,
                      "a text"},
    [TCS_M_BASE64OFFSET] = {"base64offset", STRINGS, TCS_M_ANCHOR, 0, STR | NUMBER, false,
                            "a text"},
    [TCS_M_UTF16LE] = {"utf16le", STRINGS & ~TCS_M_UTF, TCS_M_ENCODE, 0, STR | NUMBER, false,
                       "a text"},
    [TCS_M_UTF16BE] = {"utf16be", STRINGS & ~TCS_M_UTF, TCS_M_ENCODE, 0, STR | NUMBER, false,
                       "a text"},
    [TCS_M_UTF16] = {"utf16", STRINGS & ~TCS_M_UTF, TCS_M_ENCODE, 0, STR | NUMBER, false, "a text"},
    [TCS_M_WIDE] = {"wide", STRINGS & ~TCS_M_UTF, TCS_M_ENCODE, 0, STR | NUMBER, false, "a text"},
    [TCS_M_LT] = {"lt", LISTS | TCS_M_TIME, 0, 0, NUMBER, true, "a number, without quotes"},
    [TCS_M_LTE] = {"lte", LISTS | TCS_M_TIME, 0, 0, NUMBER, true, "a number, without quotes"},
    [TCS_M_GT] = {"gt", LISTS | TCS_M_TIME, 0, 0, NUMBER, true, "a number, without quotes"},
    [TCS_M_GTE] = {"gte", LISTS | TCS_M_TIME, 0, 0, NUMBER, true, "a number, without quotes"},
    [TCS_M_MINUTE] = {"minute", LISTS | TCS_M_COMPARE, TCS_M_COMPARE, 0, INT, true,
                      "a whole number"},
    [TCS_M_HOUR] = {"hour", LISTS | TCS_M_COMPARE, TCS_M_COMPARE, 0, INT, true, "a whole number"},
    [TCS_M_DAY] = {"day", LISTS | TCS_M_COMPARE, TCS_M_COMPARE, 0, INT, true, "a whole number"},
    [TCS_M_WEEK] = {"week", LISTS | TCS_M_COMPARE, TCS_M_COMPARE, 0, INT, true, "a whole number"},
    [TCS_M_MONTH] = {"month", LISTS | TCS_M_COMPARE, TCS_M_COMPARE, 0, INT, true, "a whole number"},
    [TCS_M_YEAR] = {"year", LISTS | TCS_M_COMPARE, TCS_M_COMPARE, 0, INT, true, "a whole number"},
    [TCS_M_CIDR] = {"cidr", LISTS | TCS_M(EXPAND), 0, 0, STR, true, "a network like 10.0.0.0/8"},
    [TCS_M_EXPAND] = {"expand", STRINGS | TCS_M(RE) | RE_FLAGS | TCS_M(CIDR) | TCS_M(FIELDREF),
                      TCS_M(WINDASH) | TCS_M_UTF | TCS_M_ENCODE, 0, STR, false,
                      "a text with a %placeholder%"},
    [TCS_M_FIELDREF] = {"fieldref", LISTS | TCS_M_ANCHOR | TCS_M(CASED) | TCS_M(EXPAND),
                        TCS_M_ANCHOR, 0, STR | INT, true, "the name of a field"},
};
TCS_ROW_FOR_EACH(table, TCS_M_COUNT);
_Static_assert(TCS_M_COUNT <= 32, "a bit for each in a set");

/* What to do instead, for pairs that people do write. */
static const struct {
    uint8_t a, b;
    const char *instead;
} hints[] = {
    {TCS_M_RE, TCS_M_CONTAINS, "a regular expression already matches anywhere in the value"},
    {TCS_M_RE, TCS_M_STARTSWITH, "begin the expression with ^"},
    {TCS_M_RE, TCS_M_ENDSWITH, "end the expression with $"},
    {TCS_M_RE, TCS_M_CASED, "regular expressions are case-sensitive unless 'i' is given"},
    {TCS_M_STARTSWITH, TCS_M_ENDSWITH, "put a * in the middle of the value"},
    {TCS_M_STARTSWITH, TCS_M_CONTAINS, "use one of them"},
    {TCS_M_ENDSWITH, TCS_M_CONTAINS, "use one of them"},
    {TCS_M_BASE64, TCS_M_CONTAINS, "encode first: write base64|contains"},
    {TCS_M_BASE64OFFSET, TCS_M_CONTAINS, "encode first: write base64offset|contains"},
    {TCS_M_NEQ, TCS_M_EXISTS, "write exists: false"},
};

static const char *
hint_for(unsigned a, unsigned b)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if ((hints[i].a == a && hints[i].b == b) || (hints[i].a == b && hints[i].b == a))
            return hints[i].instead;
    return NULL;
}

static unsigned
lookup(struct tcs_str name)
{
    for (unsigned i = 0; i < TCS_M_COUNT; i++)
        if (tcs_base_str_eq(name, tcs_base_str_of(table[i].name)))
            return i;
    return TCS_M_COUNT;
}

static void
unknown(struct tcs_load *l, struct tcs_place at, struct tcs_str name)
{
    const char *names[TCS_M_COUNT];
    for (unsigned i = 0; i < TCS_M_COUNT; i++)
        names[i] = table[i].name;
    const char *near = tcs_sigma_suggest(name, names, TCS_M_COUNT);
    if (near)
        tcs_sigma_load_error(l, at, TCS_WHY_MODIFIER, "unknown modifier '%.*s': did you mean '%s'?",
                             TCS_QUOTE(name), near);
    else
        tcs_sigma_load_error(l, at, TCS_WHY_MODIFIER, "unknown modifier '%.*s'", TCS_QUOTE(name));
}

/* `next` is to follow `prev` in a chain. */
static bool
check_pair(struct tcs_load *l, struct tcs_place at, unsigned prev, unsigned next)
{
    const char *a = table[prev].name, *b = table[next].name;
    const char *hint = hint_for(prev, next);
    if (prev == next) {
        if (next == TCS_M_BASE64)
            return true; /* encoded twice: attackers do */
        tcs_sigma_load_error(l, at, TCS_WHY_CHAIN, "modifier '%s' is given twice", b);
    } else if (!(table[next].with & 1u << prev) || !(table[prev].with & 1u << next)) {
        tcs_sigma_load_error(l, at, TCS_WHY_CHAIN, "'%s' and '%s' do not go together%s%s", a, b,
                             hint ? ": " : "", hint ? hint : "");
    } else if (table[next].before & 1u << prev) {
        tcs_sigma_load_error(l, at, TCS_WHY_CHAIN,
                             "modifiers apply from left to right: '%s' must stand before '%s'%s%s",
                             b, a, hint ? "; " : "", hint ? hint : "");
    } else {
        return true;
    }
    return false;
}

static bool
add(struct tcs_load *l, struct tcs_place at, struct tcs_mods *m, unsigned mod)
{
    const struct row *row = &table[mod];
    bool ok = true;
    for (uint32_t i = 0; i < m->n && ok; i++)
        ok = check_pair(l, at, m->list[i], mod);
    if (ok && row->needs && !(row->needs & m->set)) {
        tcs_sigma_load_error(l, at, TCS_WHY_CHAIN, "'%s' is a flag of 're' and must follow it",
                             row->name);
        ok = false;
    }
    if (ok && row->field && m->field.n == 0) {
        tcs_sigma_load_error(l, at, TCS_WHY_CHAIN,
                             "'%s' needs a field: a keyword is searched for in the whole event",
                             row->name);
        ok = false;
    }
    if (ok && m->n == TCS_MODS_MAX) {
        tcs_sigma_load_error(l, at, TCS_WHY_LIMIT, "more than %d modifiers on one field",
                             TCS_MODS_MAX);
        ok = false;
    }
    if (ok) {
        m->set |= 1u << mod;
        m->list[m->n++] = (uint8_t)mod;
    }
    return ok;
}

bool
tcs_sigma_mods_parse(struct tcs_load *l, const struct tcs_ynode *key, struct tcs_mods *ret)
{
    struct tcs_str s = key->text;
    size_t at = tcs_base_str_find(s, '|', 0);
    bool ok = true;
    *ret = (struct tcs_mods){.field = tcs_base_arena_str(l->keep, tcs_base_str_slice(s, 0, at))};
    while (at < s.n) {
        size_t end = tcs_base_str_find(s, '|', at + 1);
        struct tcs_str name = tcs_base_str_slice(s, at + 1, end);
        unsigned mod = lookup(name);
        if (mod == TCS_M_COUNT)
            unknown(l, tcs_sigma_load_place(key, at + 1), name);
        ok = mod < TCS_M_COUNT && add(l, tcs_sigma_load_place(key, at + 1), ret, mod) && ok;
        at = end;
    }
    return ok;
}

bool
tcs_sigma_mods_check_value(struct tcs_load *l, const struct tcs_mods *m, const struct tcs_ynode *v)
{
    static const char *const kind[] = {"a text", "null", "true or false", "a number", "a number"};
    TCS_ROW_FOR_EACH(kind, TCS_YT_FLOAT + 1);
    for (uint32_t i = 0; i < m->n; i++) {
        const struct row *row = &table[m->list[i]];
        if (row->values & 1u << v->type)
            continue;
        tcs_sigma_load_error(l, tcs_sigma_load_place(v, 0), TCS_WHY_VALUE,
                             "'%s' needs %s, and this is %s", row->name, row->wants, kind[v->type]);
        return false;
    }
    return true;
}
