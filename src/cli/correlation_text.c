/* cli/correlation_text.c - a correlation in words. */
#include "cli/correlation_text.h"

void
tcs_cli_correlation_number(struct tcs_buf *b, double v)
{
    if (v > -1e15 && v < 1e15 && v == (double)(int64_t)v)
        tcs_base_buf_i64(b, (int64_t)v);
    else
        tcs_base_buf_printf(b, "%.12g", v);
}

static void
put_span(struct tcs_buf *b, uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t u = 0;
    while (seconds % units[u].seconds)
        u++;
    tcs_base_buf_printf(b, "%llu%c", (unsigned long long)(seconds / units[u].seconds),
                        units[u].unit);
}

void
tcs_cli_correlation_list(struct tcs_buf *b, const struct tcs_str *list, uint32_t n,
                         const char *between)
{
    for (uint32_t i = 0; i < n; i++) {
        tcs_base_buf_str(b, i ? tcs_base_str_of(between) : TCS_STR(""));
        tcs_base_buf_str(b, list[i]);
    }
}

static void
put_conditions(struct tcs_buf *b, const struct tcs_correlation *c)
{
    static const char *const words[] = {"exactly ", "other than ", "fewer than ",
                                        "at most ", "more than ",  "at least "};
    for (uint32_t i = 0; i < c->nconds; i++) {
        tcs_base_buf_printf(b, "%s%s", i ? " and " : "", words[c->conds[i].cmp]);
        tcs_cli_correlation_number(b, c->conds[i].num);
    }
}

void
tcs_cli_correlation_text(struct tcs_buf *b, const struct tcs_correlation *c)
{
    static const char *const of[] = {" matches of ",
                                     " different values of ",
                                     " of ",
                                     " of ",
                                     " is the sum of ",
                                     " is the average of ",
                                     " is the percentile of ",
                                     " is the median of "};
    bool ordered = c->type == TCS_CORR_TEMPORAL_ORDERED;
    bool temporal = c->type == TCS_CORR_TEMPORAL || ordered;
    bool all =
        temporal && c->nconds == 1 && c->conds[0].cmp == TCS_GE && c->conds[0].num == c->nrules;
    if (c->extended.n) {
        tcs_base_buf_str(b, c->extended);
    } else if (all) {
        tcs_cli_correlation_list(b, c->rules, c->nrules, ordered ? ", then " : " and ");
    } else {
        put_conditions(b, c);
        tcs_base_buf_str(b, tcs_base_str_of(of[c->type]));
        if (!temporal && c->type != TCS_CORR_EVENT_COUNT) {
            tcs_cli_correlation_list(b, c->cond_fields, c->ncond_fields, " + ");
            tcs_buf_lit(b, " in ");
        }
        tcs_cli_correlation_list(b, c->rules, c->nrules, ", ");
    }
    if (ordered && !all)
        tcs_buf_lit(b, ", in the order of its rules");
    tcs_buf_lit(b, " within ");
    put_span(b, c->timespan_s);
    tcs_base_buf_str(b,
                     c->ngroup_by ? TCS_STR(", with equal ") : TCS_STR(", of all events together"));
    tcs_cli_correlation_list(b, c->group_by, c->ngroup_by, " and ");
}
