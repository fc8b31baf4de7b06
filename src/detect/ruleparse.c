/* detect/ruleparse.c - each thread parses a run of consecutive files into rules of its own; the
 * runs are merged in order. */
#include "detect/ruleparse.h"

#include <pthread.h>

enum { PARSERS_MAX = 16, FILES_EACH = 64 }; /* fewer files are not worth a thread */

struct run {
    const struct tcs_rulefiles *files;
    uint32_t from, to;
    struct tcs_rules *rules;
    struct tcs_err err;
    int result;
    pthread_t thread;
    bool started;
};

static void *
parse_run(void *arg)
{
    struct run *r = arg;
    for (uint32_t i = r->from; i < r->to && r->result == 0; i++)
        r->result =
            tcs_sigma_rules_add(r->rules, r->files->at[i].path, r->files->at[i].text, &r->err);
    return NULL;
}

/* The first run is this thread's; a run whose thread does not start is this thread's too. */
static void
parse_all(struct run *runs, unsigned n)
{
    for (unsigned i = 1; i < n; i++)
        runs[i].started = pthread_create(&runs[i].thread, NULL, parse_run, &runs[i]) == 0;
    for (unsigned i = 0; i < n; i++)
        if (!runs[i].started)
            parse_run(&runs[i]);
    for (unsigned i = 1; i < n; i++)
        if (runs[i].started)
            pthread_join(runs[i].thread, NULL);
}

/* Into the first run's rules; all others are gone afterwards. */
static int
merge_all(struct run *runs, unsigned n, struct tcs_err *err)
{
    int r = runs[0].result;
    if (r < 0)
        *err = runs[0].err;
    for (unsigned i = 1; i < n; i++) {
        if (r == 0 && (r = runs[i].result) < 0)
            *err = runs[i].err;
        if (r == 0)
            r = tcs_sigma_rules_merge(runs[0].rules, runs[i].rules, err);
        else
            tcs_sigma_rules_free(runs[i].rules);
        runs[i].rules = NULL;
    }
    return r == 0 ? tcs_sigma_rules_finish(runs[0].rules, err) : r;
}

int
tcs_detect_ruleparse(const struct tcs_rulefiles *f, const struct tcs_placeholder *ph, uint32_t nph,
                     unsigned threads, struct tcs_rules **ret, struct tcs_err *err)
{
    struct run runs[PARSERS_MAX] = {0};
    unsigned n = threads > PARSERS_MAX ? PARSERS_MAX : threads, most = f->n / FILES_EACH;
    n = n > most ? most : n;
    n = n ? n : 1;
    bool good = true;
    for (unsigned i = 0; i < n; i++) {
        runs[i].files = f;
        runs[i].from = (uint32_t)((uint64_t)f->n * i / n);
        runs[i].to = (uint32_t)((uint64_t)f->n * (i + 1) / n);
        runs[i].rules = tcs_sigma_rules_new(ph, nph);
        good = good && runs[i].rules;
    }
    if (!good) {
        for (unsigned i = 0; i < n; i++)
            tcs_sigma_rules_free(runs[i].rules);
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory for the rules");
    }
    parse_all(runs, n);
    int r = merge_all(runs, n, err);
    if (r < 0)
        tcs_sigma_rules_free(runs[0].rules);
    else
        *ret = runs[0].rules;
    return r;
}
