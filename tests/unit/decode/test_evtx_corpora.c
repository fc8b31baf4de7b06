/* unit/decode/test_evtx_corpora.c - real files: how many records each gives, how many it
 * cannot, and that the plain path says the same as the prepared one.
 *
 * The counts are those of the evtx crate's own tests on the same samples, except for what
 * lies behind a gap: it gives up the chunk, we report the gap and go on.  That is 114 records
 * behind the one of size 0, and 31 behind a hole of zeros in sample_with_a_bad_chunk_magic. */
/* claim: reads */
#include "evtx_load.h"

#include <dirent.h>
#include <sys/stat.h>

static const char *corpora;

/* errors: bad records and bad chunks */
static const struct {
    const char *name;
    unsigned events, errors, empty_chunks;
} samples[] = {
    {"security.evtx", 2261, 0, 7},
    {"system.evtx", 1881, 0, 2},
    {"sysmon.evtx", 358, 8, 0},
    {"2-vss_7-System.evtx", 1160, 0, 6},
    {"2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx", 1910, 4, 0},
    {"2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx", 1774,
     2, 0},
    {"sample_with_a_bad_chunk_magic.evtx", 270 + 31, 2 + 1, 10},
    {"Application_no_crc32.evtx", 17, 0, 0},
    {"post-Security.evtx", 126, 0, 15},
    {"sample-with-zero-data-size-event.evtx", 335 + 114, 1, 13},
    {"Microsoft-Windows-HelloForBusiness%4Operational.evtx", 6, 0, 0},
    {"Microsoft-Windows-LanguagePackSetup%4Operational.evtx", 17, 0, 0},
    {"security_bad_string_cache.evtx", 2261, 0, 7},
    {"E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx", 340, 0, 3},
    {"E_Windows_system32_winevt_logs_Microsoft-Windows-Shell-Core%4Operational.evtx", 1146, 0, 7},
    {"MSExchange_Management_wec.evtx", 1, 0, 0},
    {"issue_201.evtx", 1, 0, 0},
    {"sample-with-irregular-bool-values.evtx", 3028, 0, 13},
    {"Security_with_size_t.evtx", 636, 0, 11},
    {"new-user-security.evtx", 4, 0, 0},
    {"2-system-Microsoft-Windows-LiveId%4Operational.evtx", 399, 0, 0},
    {"E_ShadowCopy6_windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx", 459, 0,
     0},
    {"Security_short_selected.evtx", 7, 0, 0},
};

static void
one_sample(const char *name, unsigned events, unsigned errors, unsigned empty)
{
    char path[4096];
    size_t n;
    snprintf(path, sizeof path, "%s/evtx-parser-samples/%s", corpora, name);
    uint8_t *file = evtx_slurp(path, &n);
    struct tcs_decode_opts o = {0};
    struct evtx_run a = {0}, b = {0};
    evtx_run_bytes(&a, file, n, &o, false);
    evtx_run_bytes(&b, file, n, &o, true);
    if (a.stats.events != events || a.stats.bad_records + a.stats.bad_chunks != errors)
        fail_msg("%s: %u events, %u errors; want %u, %u", name, (unsigned)a.stats.events,
                 (unsigned)(a.stats.bad_records + a.stats.bad_chunks), events, errors);
    assert_int_equal(a.stats.empty_chunks, empty);
    assert_int_equal(a.seen, events);
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&a.json), tcs_base_buf_view(&b.json)));
    assert_true(tcs_base_str_eq(tcs_base_buf_view(&a.flat), tcs_base_buf_view(&b.flat)));
    evtx_run_done(&a);
    evtx_run_done(&b);
    free(file);
}

static void
test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        one_sample(samples[i].name, samples[i].events, samples[i].errors, samples[i].empty_chunks);
}

int
main(void)
{
    corpora = check_corpora();
    if (!corpora)
        return EXIT_SKIP;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_samples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
