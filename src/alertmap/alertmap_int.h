/* alertmap/alertmap_int.h - shared by alertmap.c and alertmap_yaml.c only. */
#pragma once
#include "alertmap/alertmap.h"
#include "base/arena.h"
#include "match/glob.h"
#include "match/regex.h"

/* What the keys under `fields` fill in.  The first ones are not identity. */
enum tcs_alert_key {
    TCS_AK_NAME,
    TCS_AK_ID,
    TCS_AK_CATEGORY,
    TCS_AK_TIME,
    TCS_AK_SEVERITY,
    TCS_AK_TECHNIQUE,
    TCS_AK_IDENTITY, /* from here on: the texts of struct tcs_identity, by their names */
    TCS_AK_BEFORE_IDENTITY = TCS_AK_IDENTITY - 1,
#define TEXT(name) TCS_AK_##name,
#define OTHER(name)
    TCS_IDENTITY_FIELDS(TEXT, OTHER, OTHER)
#undef TEXT
#undef OTHER
        TCS_AKS
};
/* What a row may look at: the first three of them. */
enum { TCS_AK_CONDITIONS = TCS_AK_CATEGORY + 1 };

struct tcs_alert_pattern {
    struct tcs_glob glob;
    struct tcs_regex *re; /* or NULL */
};

struct tcs_alert_patterns {
    struct tcs_alert_pattern *at;
    uint32_t n; /* 0: not asked */
};

struct tcs_alert_row {
    struct tcs_alert_row *next;
    struct tcs_alert_patterns on[TCS_AK_CONDITIONS];
    struct tcs_str *techniques;
    uint32_t ntechniques;
    uint8_t stage, level; /* 0: not said */
    bool drop, novel;
};

/* Severities from..to, or the word, are that level. */
struct tcs_alert_severity {
    struct tcs_alert_severity *next;
    double from, to;
    struct tcs_str word; /* empty: a number */
    uint8_t level;
};

struct tcs_alert_names {
    struct tcs_str *at;
    uint32_t n;
};

struct tcs_alert_tool {
    struct tcs_alert_tool *next;
    struct tcs_str name, product;
    struct tcs_alert_names columns;
    struct tcs_alert_names where_field, where_value; /* in pairs */
    struct tcs_alert_names fields[TCS_AKS];
    struct tcs_alert_severity *severities;
    struct tcs_alert_row *rows, *otherwise;
};

struct tcs_alert_regex {
    struct tcs_alert_regex *next;
    struct tcs_regex *re;
};

struct tcs_alertmap {
    struct tcs_arena *arena;
    struct tcs_alert_tool *tools;
    struct tcs_alert_row *rows; /* of all tools, behind their own */
    struct tcs_alert_regex *regexes;
};
