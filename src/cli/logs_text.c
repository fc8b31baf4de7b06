/* cli/logs_text.c - what records were taken for, as lines for people. */
#include "cli/logs_text.h"

#include "cli/text.h"

enum { SHOWN = 12, COUNT_WIDTH = 11 };

static void
put_log(struct tcs_buf *b, const struct tcs_term *t, const struct tcs_log_count *l)
{
    struct tcs_buf count = {0}, name = {0};
    tcs_cli_text_count(&count, l->records);
    tcs_detect_logs_text(l, &name);
    tcs_cli_term_pad(b, count.n < COUNT_WIDTH ? COUNT_WIDTH - count.n : 0);
    tcs_base_buf_str(b, tcs_base_buf_view(&count));
    tcs_buf_lit(b, "  ");
    tcs_cli_term_put(t, b, tcs_base_buf_view(&name), 0);
    tcs_base_buf_c(b, '\n');
    b->failed |= count.failed || name.failed;
    tcs_base_buf_done(&count);
    tcs_base_buf_done(&name);
}

void
tcs_cli_logs_text(struct tcs_buf *b, const struct tcs_term *t, struct tcs_logs *logs)
{
    uint64_t left = 0;
    uint32_t n;
    const struct tcs_log_count *l = tcs_detect_logs_list(logs, &n);
    for (uint32_t i = 0; i < n && i < SHOWN; i++)
        put_log(b, t, &l[i]);
    for (uint32_t i = SHOWN; i < n; i++)
        left += l[i].records;
    if (n <= SHOWN)
        return;
    tcs_base_buf_printf(b, "  and %u more logs with ", n - SHOWN);
    tcs_cli_text_plural(b, left, "record", "records");
    tcs_base_buf_c(b, '\n');
}
