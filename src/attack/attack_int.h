/* attack/attack_int.h - the rows behind attack/attack.h; private to chain/ and its tests. */
#pragma once
#include "attack/attack.h"
#include "attack/stage.h"

enum {
    TCS_ATTACK_GENERAL = 1,  /* a way of doing: its stage counts only if nothing better is named */
    TCS_ATTACK_WARNS = 2,    /* comes before destruction */
    TCS_ATTACK_INTRUDES = 4, /* hardly ever an administrator's work */
    TCS_TECHNIQUE_MAX = 9,   /* "T1003.001" */
};

struct tcs_attack_row {
    char technique[TCS_TECHNIQUE_MAX + 1];
    uint8_t stage, flags;
    const char *name;
};

struct tcs_attack_alias {
    char from[TCS_TECHNIQUE_MAX + 1], to[TCS_TECHNIQUE_MAX + 1];
};

struct tcs_attack_name_row {
    char technique[TCS_TECHNIQUE_MAX + 1];
    const char *name;
};

extern const struct tcs_attack_name_row tcs_attack_names[]; /* of sub-techniques */
extern const uint32_t tcs_attack_nnames;
extern const struct tcs_attack_row tcs_attack_rows[];
extern const uint32_t tcs_attack_nrows;
extern const struct tcs_attack_alias tcs_attack_aliases[];
extern const uint32_t tcs_attack_naliases;
