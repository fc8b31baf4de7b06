/* sigma/yaml.h - YAML 1.2 text -> trees of nodes with their places, for rules and for our tables.
 *
 * Everything is bounded: the text by the caller, nesting by TCS_YAML_DEPTH_MAX, and the number of
 * nodes that a walk over a document can meet, aliases followed, by TCS_YAML_NODES_MAX.  So a walk
 * needs no limits of its own. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

enum tcs_ykind { TCS_Y_SCALAR, TCS_Y_SEQ, TCS_Y_MAP };

/* What a scalar is by the core schema of YAML 1.2 (§10.3.2); quoted ones are always text. */
enum tcs_ytype { TCS_YT_STR, TCS_YT_NULL, TCS_YT_BOOL, TCS_YT_INT, TCS_YT_FLOAT };

struct tcs_ynode {
    uint8_t kind, type; /* enum tcs_ykind, enum tcs_ytype */
    bool truth;         /* BOOL */
    bool inline_text; /* a plain or quoted scalar on one line: character i of text is at col + i */
    uint32_t line, col;  /* 1-based; of the first character inside the quotes if there are any */
    uint32_t n;          /* SEQ: items; MAP: pairs */
    uint32_t weight;     /* nodes in this subtree, aliases followed */
    struct tcs_str text; /* SCALAR: as it stands, escapes of the quoting undone */
    double num;          /* INT, FLOAT */
    const struct tcs_ynode **kids; /* SEQ: n items; MAP: key 0, value 0, key 1, ... */
};

struct tcs_ydoc {
    const struct tcs_ynode *root;
    uint32_t line; /* where it starts */
};

struct tcs_yaml {
    struct tcs_ydoc *docs; /* the complete ones before the fault, if there is one */
    uint32_t ndocs;
};

/* All memory is `a`'s.  0; or negative with line and column in *err, and then *ret holds the
 * documents that were complete (TCS_EPARSE, TCS_ELIMIT, TCS_ENOMEM).  An alias to a node shares it.
 * Equal keys in one map are an error.  YAML 1.1's merge key has no meaning here. */
int tcs_sigma_yaml_parse(struct tcs_arena *a, struct tcs_str text, struct tcs_yaml *ret,
                         struct tcs_err *err);
/* The value of the scalar key `key`, or NULL; *k (may be NULL) is then the key's node. */
const struct tcs_ynode *tcs_sigma_yaml_get(const struct tcs_ynode *map, const char *key,
                                           const struct tcs_ynode **k);
