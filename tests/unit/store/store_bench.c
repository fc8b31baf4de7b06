/* tests/unit/store/store_bench.c DIR [N] - how fast rows go in and come back: N detections (default
 * 600,000) of 200 rules on 500 hosts, put, committed, put again (all known), read, and replayed
 * into the chain.  Not a test: prints figures for docs/store.md. */
#include "store/store.h"

#include "base/num.h"

#include <stdio.h>
#include <time.h>

static double
now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct tcs_finding
detection(uint64_t i, char host[32], char user[32])
{
    snprintf(host, 32, "HOST%03u.elbwerft.example", (unsigned)(i * 7919 % 500));
    snprintf(user, 32, "user%04u", (unsigned)(i * 104729 % 3000));
    const int64_t t = INT64_C(17000000000000000) + (int64_t)i * 7654321;
    return (struct tcs_finding){
        .time = t,
        .first = t,
        .count = 1,
        .who = {.host = tcs_base_str_of(host),
                .user = tcs_base_str_of(user),
                .user_domain = TCS_STR("ELBWERFT"),
                .session = i,
                .process = TCS_STR("{b0a9e36a-6cd1-5e4f-0000-0010c2c90100}"),
                .image = TCS_STR("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe")},
        .evidence = {
            .file = TCS_STR("/mnt/case/winevt/Logs/Security.evtx"),
            .channel = TCS_STR("Security"),
            .record_id = i,
            .offset = i * 900,
            .event_id = 4688,
            .key = tcs_identity_key_numbered(tcs_base_str_of(host), TCS_STR("Security"), i, t)}};
}

static int
put_all(struct tcs_store *s, uint64_t n, const char *what, struct tcs_err *err)
{
    double start = now();
    int r = tcs_store_begin(s, err);
    for (uint64_t i = 0; r >= 0 && i < n; i++) {
        char host[32], user[32], id[32];
        struct tcs_finding d = detection(i, host, user);
        struct tcs_str technique = TCS_STR("T1059.001");
        snprintf(id, sizeof id, "rule-%03u", (unsigned)(i * 31 % 200));
        const struct tcs_signature sig = {.id = tcs_base_str_of(id),
                                          .title = tcs_base_str_of(id),
                                          .level = 3,
                                          .techniques = &technique,
                                          .ntechniques = 1};
        r = tcs_store_detection_put(s, &sig, &d, err);
    }
    double put = now() - start;
    if (r >= 0)
        r = tcs_store_commit(s, err);
    printf("%s: %.0f rows/s, %.1f s, commit %.1f s\n", what, (double)n / put, put,
           now() - start - put);
    return r;
}

static int
no_signature(void *ctx, uint32_t nr, const struct tcs_signature *sig, struct tcs_err *err)
{
    (void)ctx;
    (void)nr;
    (void)sig;
    (void)err;
    return 0;
}

static int
no_detection(void *ctx, const struct tcs_finding *d, struct tcs_err *err)
{
    (void)err;
    *(uint64_t *)ctx += d->count;
    return 0;
}

static int
no_observation(void *ctx, const struct tcs_observation *o, struct tcs_err *err)
{
    (void)ctx;
    (void)o;
    (void)err;
    return 0;
}

int
main(int argc, char **argv)
{
    uint64_t n = 600000, count = 0;
    struct tcs_err err = {0};
    struct tcs_store *s = NULL;
    const struct tcs_store_reader to = {&count, no_signature, no_detection, no_observation};
    if (argc < 2 || (argc > 2 && !tcs_base_num_u64(tcs_base_str_of(argv[2]), &n)))
        return 2;
    int r = tcs_store_open(argv[1], TCS_STORE_WRITE, &s, &err);
    if (r == 0)
        r = put_all(s, n, "new rows", &err);
    if (r == 0)
        r = put_all(s, n, "known rows", &err);
    double start = now();
    if (r == 0)
        r = tcs_store_read(s, &to, &err);
    printf("read: %llu rows in %.2f s\n", (unsigned long long)count, now() - start);
    struct tcs_chain *c = tcs_chain_new(NULL);
    start = now();
    if (r == 0 && c)
        r = tcs_store_replay(s, c, &err);
    printf("replay into the chain: %.2f s\n", now() - start);
    tcs_chain_free(c);
    tcs_store_close(s);
    if (r < 0)
        fprintf(stderr, "%s\n", err.msg);
    return r < 0;
}
