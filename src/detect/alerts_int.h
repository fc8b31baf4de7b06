/* detect/alerts_int.h - shared by alerts.c and alerts_report.c only. */
#pragma once
#include "base/map.h"
#include "detect/alerts.h"

enum { TCS_ALERT_GROUPS_MAX = 8192 }; /* (signature, level) kept apart; more are counted only */

/* The alerts of one signature. */
struct tcs_alert_group {
    struct tcs_str tool, title;
    struct tcs_str *techniques;
    uint32_t ntechniques;
    uint8_t level, stage;
    uint64_t count;
    int64_t first, last; /* TCS_TIME_NONE: none had a time */
    struct tcs_str host; /* of the first in the input */
    bool hosts;          /* and there are others */
};

struct tcs_alerts {
    const struct tcs_detect_opts *opts;
    bool lines; /* of JSON are wanted */
    struct tcs_alertmap *map;
    struct tcs_arena *arena;
    struct tcs_csv_table *table;
    struct tcs_csv_tables tables;
    /* sums */
    struct tcs_map index; /* of the group, by level and signature id */
    struct tcs_buf key;
    struct tcs_alert_group *groups;
    uint32_t ngroups, cap;
    uint64_t total, ungrouped, levels[8];
};
