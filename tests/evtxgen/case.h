/* tests/evtxgen/case.h - a case: what happened on which host, told in text, as event logs.
 *
 * cases/README.md describes the text.  case_read.c parses it, case_write.c turns it into events.
 * All memory belongs to the arena given to evg_case_read. */
#pragma once
#include "base/arena.h"
#include "evtxgen/evtxgen.h"

struct evg_case_field {
    struct tcs_str name, fallback;
    int type; /* of evtxgen.h */
};

struct evg_case_kind {
    struct tcs_str name, channel, provider, guid, source, user, userdata;
    uint64_t number[9]; /* enum evg_case_number */
    struct evg_case_field *fields;
    uint32_t nfields;
    struct evg_case_kind *next;
};

enum evg_case_number {
    EVG_N_ID,
    EVG_N_VERSION,
    EVG_N_LEVEL,
    EVG_N_TASK,
    EVG_N_OPCODE,
    EVG_N_KEYWORDS,
    EVG_N_QUALIFIERS, /* UINT64_MAX: none */
    EVG_N_PID,
    EVG_N_TID,
};

struct evg_case_log {
    struct tcs_str channel, file;
    uint64_t first_id;
    struct evg_case_log *next;
};

struct evg_case_host {
    struct tcs_str name, computer;
    struct evg_case_log *logs;
    struct evg_case_host *next;
};

struct evg_case_var {
    struct tcs_str name, value;
    struct evg_case_var *next;
};

enum evg_case_mode { EVG_SET, EVG_EACH, EVG_PICK };

struct evg_case_setting {
    struct tcs_str name, value; /* EACH, PICK: alternatives between '|' */
    uint8_t mode;
    struct evg_case_setting *next;
};

struct evg_case_step {
    int64_t time, step, jitter; /* ticks */
    uint64_t repeat;
    const struct evg_case_host *host;
    const struct evg_case_kind *kind;
    struct evg_case_setting *settings; /* the last one of a name counts */
    uint32_t line, index;
    struct evg_case_step *next;
};

struct evg_case {
    struct tcs_arena *a;
    struct evg_case_kind *kinds;
    struct evg_case_host *hosts;
    struct evg_case_var *vars;
    struct evg_case_step *steps;
};

/* Add the text of one file; several files make one case.  -TCS_EPARSE with the line in *err. */
int evg_case_read(struct evg_case *c, struct tcs_str text, struct tcs_err *err);
/* Write the case's log files into the folder `dir`.  -TCS_EPARSE: a value that its type does not
 * have; -TCS_EIO. */
int evg_case_write(const struct evg_case *c, const char *dir, struct tcs_err *err);
