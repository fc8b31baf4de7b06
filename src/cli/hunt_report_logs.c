/* cli/hunt_report_logs.c - what the records were taken for: logs, their form, hosts; and what to do
 * about records of no known log. */
#include "cli/hunt_report_int.h"
#include "cli/logs_text.h"
#include "cli/text.h"

enum { HOSTS_SHOWN = 6 };

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

static void
put_unknown(const struct tcs_report *r, struct tcs_buf *b, struct tcs_logs *logs)
{
    const struct tcs_logs_unknown u = tcs_detect_logs_unknown(logs);
    struct tcs_buf text = {0};
    if (!u.records)
        return;
    tcs_detect_logs_unknown_text(&u, &text);
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
    uint32_t n;
    (void)tcs_detect_logs_list(logs, &n);
    if (!n)
        return;
    tcs_cli_report_heading(r, b, "Taken for");
    tcs_cli_logs_text(b, r->term, logs);
    put_hosts(r, b, logs);
    put_unknown(r, b, logs);
}
