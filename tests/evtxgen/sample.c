/* tests/evtxgen/sample.c - numbered events over several chunks; see sample.h. */
#include "evtxgen/sample.h"

enum { FIRST_ID = 100001 };       /* a log that has lived for a while */
#define START 133500000000000000u /* 2024-01-17T21:20:00Z */

static int
sample_event(struct evg *g, uint32_t i, struct tcs_err *err)
{
    static const struct {
        const char *channel, *provider, *guid;
        uint16_t event_id;
    } logs[] = {
        {"Security", "Microsoft-Windows-Security-Auditing",
         "{54849625-5478-4994-A5BA-3E3B0328C30D}", 4624},
        {"Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon",
         "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}", 1},
        {"System", "Service Control Manager", NULL, 7036},
    };
    size_t log = i % (sizeof logs / sizeof logs[0]);
    struct evg_field f[] = {
        {"Serial", evg_u32(g, i)},
        {"Text", evg_str(g, evg_text(g, "text-%u", i))},
        {"After", evg_str(g, "after")},
    };
    struct evg_event ev = {
        .filetime = START + (uint64_t)i * 10000000,
        .provider = logs[log].provider,
        .guid = logs[log].guid,
        .channel = logs[log].channel,
        .computer = "sample.example",
        .user = "S-1-5-18",
        .event_id = logs[log].event_id,
        .qualifiers = log == 2 ? 16384 : -1,
        .level = 4,
        .pid = 4,
        .tid = i,
        .fields = f,
        .nfields = sizeof f / sizeof f[0],
    };
    return evg_add_event(g, &ev, err);
}

int
evg_sample(struct evg *g, uint32_t chunks, uint32_t per_chunk, struct tcs_err *err)
{
    evg_next_id(g, FIRST_ID);
    for (uint32_t i = 0; i < chunks * per_chunk; i++) {
        if (i && i % per_chunk == 0)
            evg_chunk(g);
        int rc = sample_event(g, i, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}
