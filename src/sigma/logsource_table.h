/* sigma/logsource_table.h - the parsed logsource table, before views are made of it.  Internal to
 * sigma/logsource*.c.
 *
 * Everything lives in the arena of struct tcs_logsources. */
#pragma once
#include "sigma/logsource.h"

/* A shape, a service, a view of a category, or what all views of a product share. */
struct tcs_ls_spec {
    struct tcs_ls_spec *next;
    struct tcs_view part; /* what was written; name is the key */
    struct tcs_str log, shape, note;
    uint32_t line, col;
    bool remove;
};

struct tcs_ls_category {
    struct tcs_ls_category *next;
    struct tcs_str key, note;
    struct tcs_ls_spec *views;
    bool remove;
};

struct tcs_ls_product {
    struct tcs_ls_product *next;
    struct tcs_str key;
    struct tcs_ls_spec common; /* fields and native of every view */
    struct tcs_ls_spec *shapes, *services;
    struct tcs_ls_category *categories;
};

/* The YAML text as a list of products, in `a`.  0, or -code with *err holding the place. */
int tcs_sigma_ls_parse(struct tcs_arena *a, struct tcs_str path, struct tcs_str yaml,
                       struct tcs_ls_product **ret, struct tcs_err *err);
