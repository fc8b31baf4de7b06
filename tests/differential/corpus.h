/* tests/differential/corpus.h - rules and events of the corpora, for tests that compare readings of
 * them.  Everything asserts; what is missing is a failure, not a skip. */
#pragma once
#include "check.h"

#include "event/sink.h"
#include "sigma/logsource.h"
#include "sigma/rules.h"

/* "dir/name" in the arena. */
const char *corpus_path(struct tcs_arena *a, const char *dir, const char *name);
/* The paths of all files under `dir` whose name ends so, sorted. */
const char **corpus_files(struct tcs_arena *a, const char *dir, const char *ending, size_t *n);
/* The whole file. */
struct tcs_str corpus_read(struct tcs_arena *a, const char *path);
/* The four main sets of SigmaHQ under corpora/sigma. */
struct tcs_rules *corpus_sigmahq(struct tcs_arena *a, const char *corpora);
struct tcs_logsources *corpus_logsources(void);

struct corpus_sink {
    const struct tcs_fieldset *fields;
    unsigned (*want)(void *ctx, const struct tcs_event *head); /* NULL: everything */
    void (*event)(void *ctx, const struct tcs_event *ev);
    void *ctx;
};
/* Every event of the files and folders, through the input layer as a hunt reads them; returns how
 * many there were. */
uint64_t corpus_events(const char *const *paths, size_t n, const struct corpus_sink *sink);
