/* cli/hunt_report_logs.c - what the records were taken for: logs, their form, hosts; and what to do
 * about records of no known log. */
#include "cli/hunt_report_int.h"
#include "cli/text.h"

enum { LOGS_SHOWN = 12, HOSTS_SHOWN = 6 };

/* "windows Security, read as evtx" */
static void
put_log(const struct tcs_report *r, struct tcs_buf *b, const struct tcs_log_count *l)
{
    const struct tcs_str parts[] = {l->known && !l->product.n ? TCS_STR("alerts") : l->product,
                                    l->service, l->channel};
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].n)
            continue;
        tcs_base_buf_put(b, " ", any ? 1 : 0);
        tcs_cli_term_put(r->term, b, parts[i], 0);
        any = true;
    }
    if (!any)
        tcs_buf_lit(b, "no known log");
    if (l->schema.n) {
        tcs_buf_lit(b, ", read as ");
        tcs_cli_term_put(r->term, b, l->schema, 0);
    }
}

static void
put_hosts(const struct tcs_report *r, struct tcs_buf *b, struct tcs_logs *logs)
{
    uint64_t more;
    uint32_t n;
    const struct tcs_host_count *h = tcs_detect_logs_hosts(logs, &n, &more);
    if (!n)
        return;
    tcs_buf_lit(b, "  of ");
    for (uint32_t i = 0; i < n && i < HOSTS_SHOWN; i++) {
        tcs_base_buf_str(b, i ? TCS_STR(", ") : TCS_STR(""));
        tcs_cli_term_put(r->term, b, h[i].name, 0);
        tcs_base_buf_c(b, ' ');
        tcs_cli_text_count(b, h[i].records);
    }
    if (n > HOSTS_SHOWN || more)
        tcs_base_buf_printf(b, " and %s%u more hosts", more ? "at least " : "",
                            n > HOSTS_SHOWN ? n - HOSTS_SHOWN : 0);
    tcs_base_buf_c(b, '\n');
}

void
tcs_cli_report_unknown(struct tcs_buf *b, const struct tcs_logs_unknown *u)
{
    tcs_cli_text_plural(b, u->records, "record is", "records are");
    tcs_base_buf_printf(b, " of no known log, so that rules about a log cannot match %s; the first",
                        u->records == 1 ? "it" : "them");
    tcs_base_buf_printf(b, " is at byte %llu of %.*s (tocsin dump shows how it is read)",
                        (unsigned long long)u->offset, TCS_STR_FMT(u->path));
}

static void
put_unknown(const struct tcs_report *r, struct tcs_buf *b, struct tcs_logs *logs)
{
    const struct tcs_logs_unknown u = tcs_detect_logs_unknown(logs);
    struct tcs_buf text = {0};
    if (!u.records)
        return;
    tcs_cli_report_unknown(&text, &u);
    tcs_buf_lit(b, "  ");
    tcs_cli_term_put(r->term, b, tcs_base_buf_view(&text), 0);
    tcs_buf_lit(
        b, "\n    What to do: export the log in a form that tocsin knows (tocsin hunt --help), "
           "name its fields\n    with --alert-map if it holds alerts, or hunt with rules that "
           "have no logsource\n");
    b->failed |= text.failed;
    tcs_base_buf_done(&text);
}

void
tcs_cli_report_logs(struct tcs_buf *b, const struct tcs_report *r)
{
    struct tcs_logs *logs = tcs_detect_engine_logs(r->sum->engine);
    uint64_t left = 0;
    uint32_t n;
    const struct tcs_log_count *l = tcs_detect_logs_list(logs, &n);
    if (!n)
        return;
    tcs_cli_report_heading(r, b, "Taken for");
    for (uint32_t i = 0; i < n; i++) {
        if (i >= LOGS_SHOWN) {
            left += l[i].records;
            continue;
        }
        struct tcs_buf count = {0};
        tcs_cli_text_count(&count, l[i].records);
        tcs_cli_term_pad(b, count.n < 11 ? 11 - count.n : 0);
        tcs_base_buf_str(b, tcs_base_buf_view(&count));
        tcs_buf_lit(b, "  ");
        put_log(r, b, &l[i]);
        tcs_base_buf_c(b, '\n');
        b->failed |= count.failed;
        tcs_base_buf_done(&count);
    }
    if (n > LOGS_SHOWN) {
        tcs_base_buf_printf(b, "  and %u more logs with ", n - LOGS_SHOWN);
        tcs_cli_text_plural(b, left, "record", "records");
        tcs_base_buf_c(b, '\n');
    }
    put_hosts(r, b, logs);
    put_unknown(r, b, logs);
}
