/* bench/plain_hunt.c - a hunt with the plain matcher: every rule on every event.
 *
 *   plain_hunt RULES... -- PATH...   prints the number of events and of findings
 *
 * What the fast engine's speed is compared with; its number of findings must be the same.  Decoding
 * is the product's own, with all fields of every event.  One thread, no limits on time. */
#include "decode/formats.h"
#include "input/source.h"
#include "plain/plain.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct tcs_rules *rules;
    struct plain *plain;
    unsigned long long events, findings;
} run;

static void
die(const char *what)
{
    fprintf(stderr, "plain_hunt: %s\n", what);
    exit(1);
}

/* One rule file; nftw gives no way to pass anything but globals. */
static int
on_rule_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)where;
    size_t n = strlen(path), size = (size_t)st->st_size;
    if (type != FTW_F || n < 4 || strcmp(path + n - 4, ".yml") != 0)
        return 0;
    char *text = malloc(size + 1);
    FILE *f = fopen(path, "rb");
    if (!text || !f || fread(text, 1, size, f) != size)
        die(path);
    fclose(f);
    struct tcs_err err = {0};
    if (tcs_sigma_rules_add(run.rules, tcs_base_str_of(path), (struct tcs_str){text, size}, &err) <
        0)
        die(err.msg);
    free(text);
    return 0;
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    (void)ctx;
    const struct tcs_sigma_match *hits;
    run.events++;
    run.findings += plain_event(run.plain, ev, &hits);
}

static void
decode(const char *const *paths, size_t n)
{
    struct tcs_err err = {0};
    struct tcs_inputs *in = NULL;
    struct tcs_inputs_opts opts = {.formats = tcs_decode_formats};
    if (tcs_input_open(paths, n, &opts, &in, &err) < 0)
        die(err.msg);
    const struct tcs_format *format = NULL;
    struct tcs_decoder *decoder = NULL;
    struct tcs_decode_opts how = {0};
    struct tcs_decode_stats stats = {0};
    const struct tcs_sink sink = {.event = on_event};
    struct tcs_unit unit;
    while (tcs_input_next(in, &unit, &err) == 0) {
        if (unit.format != format) {
            if (decoder)
                format->close(decoder);
            format = unit.format;
            decoder = format->open(&how);
            if (!decoder)
                die("no memory");
        }
        format->decode(decoder, &unit.block, &sink, &stats);
        tcs_input_unit_free(in, &unit);
    }
    if (decoder)
        format->close(decoder);
    tcs_input_close(in);
}

int
main(int argc, char **argv)
{
    struct tcs_err err = {0};
    int split = 1;
    run.rules = tcs_sigma_rules_new(NULL, 0);
    if (!run.rules)
        die("no memory");
    for (; split < argc && strcmp(argv[split], "--") != 0; split++)
        if (nftw(argv[split], on_rule_file, 32, FTW_PHYS) != 0)
            die(argv[split]);
    if (split >= argc - 1)
        die("usage: plain_hunt RULES... -- PATH...");
    struct tcs_logsources *ls = tcs_sigma_logsources_new();
    if (!ls || tcs_sigma_rules_finish(run.rules, &err) < 0 ||
        tcs_sigma_logsources_add(ls, TCS_STR("built-in"), tcs_sigma_logsources_builtin(), &err) < 0)
        die(err.msg);
    uint32_t n = 0;
    const struct tcs_rule *rules = tcs_sigma_rules_all(run.rules, &n);
    run.plain = plain_new(rules, n, ls);
    if (!run.plain)
        die("no memory");
    decode((const char *const *)argv + split + 1, (size_t)(argc - split - 1));
    printf("%u rules, %llu events, %llu findings\n", n, run.events, run.findings);
    plain_free(run.plain);
    tcs_sigma_logsources_free(ls);
    tcs_sigma_rules_free(run.rules);
    return 0;
}
