/* tests/library/hunt_file.c - hunts files without the command line: RULES FILE...; a line for each
 * incident: id, state, first host.  The least that a program of one's own needs. */
#include "detect/engine.h"
#include "detect/files.h"

#include <stdio.h>
#include <unistd.h>

static int
on_incident(void *ctx, const struct tcs_incident *was, const struct tcs_incident *is,
            struct tcs_err *err)
{
    (void)ctx;
    (void)was;
    (void)err;
    struct tcs_str host = is->nhosts ? is->hosts[0] : TCS_STR("-");
    printf("%s %s %.*s\n", is->id, tcs_chain_state_name(is->state), TCS_STR_FMT(host));
    return 0;
}

static int
hunt(char **paths, size_t n, struct tcs_engine *e, struct tcs_err *err)
{
    struct tcs_files files = {0};
    struct tcs_job job = tcs_detect_engine_job(e, 2);
    const struct tcs_files_opts opts = {.paths = (const char *const *)paths,
                                        .npaths = n,
                                        .tables = tcs_detect_tables(tcs_detect_engine_detector(e)),
                                        .confine = true};
    int r = tcs_detect_files_run(&files, &opts, &job, err);
    if (r == 0)
        r = tcs_detect_engine_settle(e, NULL, true, err);
    if (tcs_detect_files_close(&files))
        _exit(1); /* a thread still uses all of it */
    return r;
}

int
main(int argc, char **argv)
{
    const struct tcs_outlet outlet = {.incident = on_incident};
    const struct tcs_detect_opts opts = {
        .rules = {.paths = {(const char *const *)argv + 1, 1}, .threads = 1, .no_cache = true},
        .from = TCS_TIME_NONE,
        .to = TCS_TIME_NONE};
    struct tcs_engine_opts engine = {.outlet = &outlet, .incidents = true};
    struct tcs_engine *e = NULL;
    struct tcs_err err = {0};
    int r = argc < 3 ? tcs_base_fail(&err, TCS_EUSAGE, "usage: hunt_file RULES FILE...")
                     : tcs_detect_load(&opts, &engine.detector, &err);
    if (r == 0)
        r = tcs_detect_engine_new(&engine, &e, &err);
    tcs_detect_unref(engine.detector); /* the engine has its own part in it */
    if (r == 0)
        r = hunt(argv + 2, (size_t)argc - 2, e, &err);
    if (r < 0)
        fprintf(stderr, "%s\n", err.msg);
    tcs_detect_engine_free(e);
    return r < 0;
}
