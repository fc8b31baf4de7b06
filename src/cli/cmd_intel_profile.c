/* cli/cmd_intel_profile.c - `tocsin intel profile`: some actors of a STIX bundle as a profile.
 *
 * The bundle is somebody else's: it is read whole, then the sandbox is entered, then it is parsed.
 */
#include "base/json_out.h"
#include "base/limits.h"
#include "cli/command.h"
#include "cli/option_groups.h"
#include "cli/output.h"
#include "cli/term.h"
#include "cli/text.h"
#include "detect/rulefiles.h"
#include "process/sandbox.h"
#include "stix/profile_stix.h"

#include <unistd.h>

struct profile_opts {
    struct tcs_cli_list groups, campaigns;
    uint8_t format;
    const char *bundle, *output;
    bool list, software;
};

static const struct tcs_cli_option options[] = {
    TCS_CLI_ROW("from", 0, "BUNDLE", "FILE",
                "The STIX bundle to take from, such as ATT&CK's enterprise-attack.json.",
                TCS_CLI_TEXT(struct profile_opts, bundle, NULL)),
    TCS_CLI_ROW("group", 0, "NAME", NULL,
                "Take this group and the campaigns attributed to it: an ATT&CK id (G0059), a name "
                "or an alias. May be given several times.",
                TCS_CLI_LIST(struct profile_opts, groups, NULL)),
    TCS_CLI_ROW("campaign", 0, "NAME", NULL,
                "Take this campaign: an ATT&CK id (C0038) or a name. May be given several times.",
                TCS_CLI_LIST(struct profile_opts, campaigns, NULL)),
    TCS_CLI_ROW("software", 0, NULL, NULL, "Take also what the software does that they use.",
                TCS_CLI_FLAG(struct profile_opts, software)),
    TCS_CLI_ROW("list", 0, NULL, NULL, "List the groups and campaigns of the bundle.",
                TCS_CLI_FLAG(struct profile_opts, list)),
    TCS_CLI_OPT_FORMAT(struct profile_opts, format),
    TCS_CLI_OPT_OUTPUT(struct profile_opts, output),
    {0},
};

static const char *
kind(const struct tcs_stix_actor *r)
{
    return r->o->kind == TCS_STIX_SET ? "group" : "campaign";
}

static void
json_row(struct tcs_buf *b, const struct tcs_stix_actor *r)
{
    struct tcs_jo j = {.b = b};
    tcs_base_jo_open(&j, NULL, '{');
    tcs_base_jo_str(&j, "id", r->o->external);
    tcs_base_jo_str(&j, "stix_id", r->o->id);
    tcs_base_jo_str(&j, "kind", tcs_base_str_of(kind(r)));
    tcs_base_jo_str(&j, "name", r->o->name);
    tcs_base_jo_list(&j, "aliases", r->o->aliases, r->o->naliases);
    tcs_base_jo_u64(&j, "techniques", r->techniques);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
}

static void
text_row(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_stix_actor *r)
{
    size_t w = tcs_cli_term_put(t, b, r->o->external.n ? r->o->external : r->o->id, 0);
    tcs_cli_term_pad(b, w < 7 ? 7 - w : 1);
    tcs_base_buf_printf(b, "%-9s %4u  ", kind(r), r->techniques);
    tcs_cli_term_put(t, b, r->o->name, 0);
    bool more = false;
    for (uint32_t i = 0; i < r->o->naliases; i++) {
        if (tcs_base_str_eq(r->o->aliases[i], r->o->name))
            continue;
        tcs_base_buf_str(b, more ? TCS_STR(", ") : TCS_STR(" ("));
        tcs_cli_term_put(t, b, r->o->aliases[i], 0);
        more = true;
    }
    tcs_base_buf_str(b, more ? TCS_STR(")\n") : TCS_STR("\n"));
}

static int
list(const struct profile_opts *set, const struct tcs_stix_bundle *bundle, struct tcs_arena *a,
     struct tcs_buf *b, struct tcs_err *err)
{
    struct tcs_term t = tcs_cli_term_probe(STDOUT_FILENO);
    uint32_t n;
    const struct tcs_stix_actor *rows = tcs_stix_actors(bundle, a, &n);
    if (!rows)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++) {
        if (set->format == TCS_OUT_JSONL)
            json_row(b, &rows[i]);
        else
            text_row(b, &t, &rows[i]);
    }
    if (set->format != TCS_OUT_JSONL) {
        tcs_cli_text_plural(b, n, "group or campaign", "groups and campaigns");
        tcs_base_buf_c(b, '\n');
    }
    return 0;
}

static int
profile(const struct profile_opts *set, const struct tcs_stix_bundle *bundle, struct tcs_arena *a,
        struct tcs_buf *b, struct tcs_err *err)
{
    const struct tcs_stix_pick pick = {set->groups.at, set->groups.n, set->campaigns.at,
                                       set->campaigns.n, set->software};
    struct tcs_profile p;
    int64_t modified;
    int r = tcs_stix_profile_pick(bundle, &pick, a, &p, &modified, err);
    if (r == 0)
        tcs_stix_profile_write(b, &p, modified);
    return r;
}

static int
check(const struct profile_opts *set, const struct tcs_cli_operands *operands, struct tcs_err *err)
{
    if (operands->n)
        return tcs_base_fail(err, TCS_EUSAGE, "takes no operand; name the bundle with --from");
    if (!set->bundle)
        return tcs_base_fail(err, TCS_EUSAGE, "name a STIX bundle with --from");
    if (!set->list && set->groups.n + set->campaigns.n == 0)
        return tcs_base_fail(err, TCS_EUSAGE, "name a --group or a --campaign, or --list them");
    return 0;
}

/* Everything that needs the file system comes before the sandbox. */
static int
prepare(const struct profile_opts *set, struct tcs_arena *a, struct tcs_str *text,
        struct tcs_output *out, struct tcs_err *err)
{
    enum tcs_sandbox_state state;
    struct tcs_guard guard = {0};
    tcs_detect_guard_reads(&guard, &set->bundle, 1);
    int r = tcs_detect_rulefiles_slurp(a, set->bundle, TCS_STIX_BUNDLE_MAX, text, err);
    if (r == 0)
        r = tcs_cli_output_open(out, set->output, &guard, err);
    tcs_stix_seed();
    if (r == 0)
        r = tcs_process_sandbox_enter(NULL, 0, 0, &state, err);
    if (r == 0 && tcs_process_sandbox_lacks(state))
        tcs_cli_complain("%s", tcs_process_sandbox_lacks(state));
    return r;
}

static int
make(const struct profile_opts *set, struct tcs_arena *a, struct tcs_str text, struct tcs_buf *b,
     struct tcs_err *err)
{
    struct tcs_stix_bundle *bundle = NULL;
    int r = tcs_stix_bundle_new(text, &bundle, err);
    if (r < 0)
        return tcs_base_wrap(err, "%.150s", set->bundle);
    r = set->list ? list(set, bundle, a, b, err) : profile(set, bundle, a, b, err);
    tcs_stix_bundle_free(bundle);
    return r;
}

static int
intel_profile(void *opts, const struct tcs_cli_operands *operands)
{
    const struct profile_opts *set = opts;
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_err err = {0};
    struct tcs_output out = {.fd = -1};
    struct tcs_buf b = {0};
    struct tcs_str text;
    int r = a ? check(set, operands, &err) : tcs_base_fail(&err, TCS_ENOMEM, "out of memory");
    if (r == 0)
        r = prepare(set, a, &text, &out, &err);
    if (r == 0)
        r = make(set, a, text, &b, &err);
    if (r == 0)
        r = tcs_cli_output_buf(&out, &b, !set->list || set->format == TCS_OUT_JSONL, &err);
    if (out.fd >= 0) {
        int closed = tcs_cli_output_close(&out, r == 0 ? &err : NULL);
        r = r < 0 ? r : closed;
    }
    if (r < 0)
        tcs_cli_complain("intel profile: %s", err.msg);
    tcs_base_buf_done(&b);
    tcs_base_arena_free(a);
    return r < 0 ? TCS_EXIT_ERROR : 0;
}

const struct tcs_command tcs_command_intel_profile = {
    .name = "intel profile",
    .operands = "",
    .brief = "make an actor profile from a STIX bundle",
    .about = "Takes groups and campaigns out of a STIX bundle, such as ATT&CK's, and writes the "
             "techniques that they are publicly known to use as a small bundle of its own, each "
             "with where that is published. tocsin hunt --profiles compares incidents with it: an "
             "overlap tells what may come next, not who it is.\n"
             "\n"
             "Exit status: 0 done; 1 something could not be done.",
    .examples = "tocsin intel profile --from enterprise-attack.json --list\n"
                "Which groups and campaigns are there?\n"
                "tocsin intel profile --from enterprise-attack.json --group 'Magic Hound' -o "
                "magic-hound.json\n"
                "One group, with the campaigns attributed to it.",
    .options = options,
    .size = sizeof(struct profile_opts),
    .run = intel_profile,
};
