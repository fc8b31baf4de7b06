/* sigma/modifier.h - the modifiers of Sigma 2.1 (specification, "Sigma Modifiers"), as one table:
 * name, with which others they go, in which order, on which values.  Internal to src/sigma. */
#pragma once
#include "sigma/load.h"

/* In the order of the table in modifier.c. */
enum tcs_mod {
    TCS_M_ALL,
    TCS_M_STARTSWITH,
    TCS_M_ENDSWITH,
    TCS_M_CONTAINS,
    TCS_M_EXISTS,
    TCS_M_CASED,
    TCS_M_NEQ,
    TCS_M_WINDASH,
    TCS_M_RE,
    TCS_M_I,
    TCS_M_M,
    TCS_M_S,
    TCS_M_BASE64,
    TCS_M_BASE64OFFSET,
    TCS_M_UTF16LE,
    TCS_M_UTF16BE,
    TCS_M_UTF16,
    TCS_M_WIDE,
    TCS_M_LT,
    TCS_M_LTE,
    TCS_M_GT,
    TCS_M_GTE,
    TCS_M_MINUTE,
    TCS_M_HOUR,
    TCS_M_DAY,
    TCS_M_WEEK,
    TCS_M_MONTH,
    TCS_M_YEAR,
    TCS_M_CIDR,
    TCS_M_EXPAND,
    TCS_M_FIELDREF,
    TCS_M_COUNT
};

#define TCS_M(x) (1u << TCS_M_##x)
#define TCS_M_COMPARE (TCS_M(LT) | TCS_M(LTE) | TCS_M(GT) | TCS_M(GTE))
#define TCS_M_TIME                                                                                 \
    (TCS_M(MINUTE) | TCS_M(HOUR) | TCS_M(DAY) | TCS_M(WEEK) | TCS_M(MONTH) | TCS_M(YEAR))
#define TCS_M_ANCHOR (TCS_M(STARTSWITH) | TCS_M(ENDSWITH) | TCS_M(CONTAINS))
#define TCS_M_UTF (TCS_M(UTF16LE) | TCS_M(UTF16BE) | TCS_M(UTF16) | TCS_M(WIDE))
#define TCS_M_ENCODE (TCS_M(BASE64) | TCS_M(BASE64OFFSET))

enum { TCS_MODS_MAX = 16 };

/* "Field|contains|all" taken apart. */
struct tcs_mods {
    struct tcs_str field; /* empty: keyword */
    uint32_t set;         /* TCS_M() bits */
    uint32_t n;
    uint8_t list[TCS_MODS_MAX]; /* in the order written */
};

/* False after saying what is wrong with the chain. */
bool tcs_sigma_mods_parse(struct tcs_load *l, const struct tcs_ynode *key, struct tcs_mods *ret);
/* Does a value of this type (enum tcs_ytype) go through the chain?  False after saying no. */
bool tcs_sigma_mods_check_value(struct tcs_load *l, const struct tcs_mods *m,
                                const struct tcs_ynode *v);
