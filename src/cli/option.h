/* cli/option.h - an option of a command: one row of a table, from which parsing, help and
 * completion come.
 *
 * Every command has a struct of its own for what it was asked; a row says where in it the value
 * goes, and what kind of value that place takes. */
#pragma once
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TCS_CLI_LIST_MAX = 64, TCS_CLI_OPTIONS_MAX = 64 };

/* Values of an option that may be given several times; they point into argv. */
struct tcs_cli_list {
    const char *at[TCS_CLI_LIST_MAX];
    size_t n;
};

/* What is left of argv when the options are taken out. */
struct tcs_cli_operands {
    const char *const *at;
    size_t n;
};

/* What a value is, and what it is stored as. */
enum tcs_cli_kind {
    TCS_CLI_KIND_FLAG,   /* bool; no value */
    TCS_CLI_KIND_TEXT,   /* const char * */
    TCS_CLI_KIND_LIST,   /* struct tcs_cli_list */
    TCS_CLI_KIND_LEVEL,  /* uint8_t: enum tcs_level */
    TCS_CLI_KIND_STATUS, /* uint8_t: enum tcs_status */
    TCS_CLI_KIND_TIME,   /* int64_t: ticks */
    TCS_CLI_KIND_COUNT,  /* unsigned, from 1 */
    TCS_CLI_KIND_WORD,   /* uint8_t: one of `words` */
    TCS_CLI_KINDS
};

struct tcs_cli_option {
    const char *name;  /* long name */
    char letter;       /* short name, or 0 */
    const char *arg;   /* how help calls the argument; NULL: takes none */
    const char *words; /* for completion: "a b c", or "FILE", "DIR"; NULL: nothing to offer */
    const char *help;
    enum tcs_cli_kind kind;
    size_t at;         /* in the command's struct */
    unsigned limit;    /* COUNT: the largest; WORD: what the first of `words` is stored as */
    const char *wrong; /* said of a value that does not fit; TEXT, LIST: if set, none is empty */
};

/* A row; the last argument is one of the kinds below. */
#define TCS_CLI_ROW(name, letter, arg, words, help, ...)                                           \
    {                                                                                              \
        name, letter, arg, words, help, __VA_ARGS__                                                \
    }

/* The last four members of a row, one macro for each kind.  s is the command's struct, m the
 * member, which must have the type that the kind stores. */
#define TCS_CLI_AT(s, m, type) _Generic(((s *)0)->m, type : offsetof(s, m))
#define TCS_CLI_FLAG(s, m) TCS_CLI_KIND_FLAG, TCS_CLI_AT(s, m, bool), 0, NULL
#define TCS_CLI_TEXT(s, m, empty) TCS_CLI_KIND_TEXT, TCS_CLI_AT(s, m, const char *), 0, empty
#define TCS_CLI_LIST(s, m, empty) TCS_CLI_KIND_LIST, TCS_CLI_AT(s, m, struct tcs_cli_list), 0, empty
#define TCS_CLI_LEVEL(s, m) TCS_CLI_KIND_LEVEL, TCS_CLI_AT(s, m, uint8_t), 0, NULL
#define TCS_CLI_STATUS(s, m) TCS_CLI_KIND_STATUS, TCS_CLI_AT(s, m, uint8_t), 0, NULL
#define TCS_CLI_TIME(s, m) TCS_CLI_KIND_TIME, TCS_CLI_AT(s, m, int64_t), 0, NULL
#define TCS_CLI_COUNT(s, m, max, of) TCS_CLI_KIND_COUNT, TCS_CLI_AT(s, m, unsigned), max, of
#define TCS_CLI_WORD(s, m, first, is_no) TCS_CLI_KIND_WORD, TCS_CLI_AT(s, m, uint8_t), first, is_no
#define TCS_CLI_FORMAT(s, m) TCS_CLI_WORD(s, m, 0, "is no format here; see --help")

/* Takes the options out of argv, whose first word is the command's last; `rows` ends with one
 * without a name.  *opts is the struct that the rows speak of and holds the defaults; its texts
 * point into argv.  0; 1: --help was asked for; negative with *err filled. */
int tcs_cli_options_parse(const struct tcs_cli_option *rows, int argc, char **argv, void *opts,
                          struct tcs_cli_operands *ret, struct tcs_err *err);
