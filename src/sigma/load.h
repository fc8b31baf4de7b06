/* sigma/load.h - what the parts of the rule parser share while one file is read: where its memory
 * is, and how it says what is wrong.  Internal to src/sigma. */
#pragma once
#include "base/arena.h"
#include "sigma/diag.h"
#include "sigma/placeholder.h"
#include "sigma/yaml.h"

struct tcs_rules; /* sigma/collection.h */

struct tcs_load {
    struct tcs_rules *rules;
    struct tcs_arena *keep;    /* lives as long as the rules */
    struct tcs_arena *scratch; /* until the end of this file */
    struct tcs_str path;
    struct tcs_str id, title; /* of the document in hand; in keep */
    bool refused;             /* the document in hand has an error */
    uint32_t told;            /* diagnostics of the document in hand */
};

/* Character `at` of a scalar's text, as near as it can be told (a folded text: its start). */
struct tcs_place tcs_sigma_load_place(const struct tcs_ynode *y, size_t at);
void tcs_sigma_load_error(struct tcs_load *l, struct tcs_place at, const char *reason,
                          const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void tcs_sigma_load_warn(struct tcs_load *l, struct tcs_place at, const char *reason,
                         const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Did the document in hand come through without an error, and without running out of memory? */
bool tcs_sigma_load_sound(const struct tcs_load *l);
/* The values of a placeholder, or NULL. */
const struct tcs_placeholder *tcs_sigma_load_placeholder(const struct tcs_load *l,
                                                         struct tcs_str name);
