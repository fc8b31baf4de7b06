/* report/words.c - times, spans, stages and states as people read them. */
#include "report/report_int.h"

#include "attack/level.h"
#include "base/invariant.h"

void
report_time_bare(struct tcs_buf *b, int64_t t)
{
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(t, 0, text);
    if (s.n < 20) {
        tcs_buf_lit(b, "no time");
        return;
    }
    tcs_base_buf_put(b, s.p, 10);
    tcs_base_buf_c(b, ' ');
    tcs_base_buf_put(b, s.p + 11, 8);
}

void
report_time(struct tcs_buf *b, int64_t t)
{
    report_time_bare(b, t);
    char text[TCS_TIME_TEXT];
    if (tcs_base_time_format(t, 0, text).n)
        tcs_buf_lit(b, " UTC");
}

void
report_stamp(struct tcs_buf *b, int64_t t)
{
    enum { MILLISECONDS = 3 };
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(t, MILLISECONDS, text);
    tcs_base_buf_str(b, s.n ? s : TCS_STR("1970-01-01T00:00:00.000Z"));
}

int64_t
report_between(int64_t from, int64_t to)
{
    int64_t d;
    if (from == TCS_TIME_NONE || to == TCS_TIME_NONE || to <= from)
        return 0;
    return __builtin_sub_overflow(to, from, &d) ? INT64_MAX : d;
}

void
report_gap(struct tcs_buf *b, int64_t ticks, bool brief)
{
    static const struct {
        int64_t seconds, from; /* used from that many seconds on */
        const char *brief, *one, *many;
    } units[] = {
        {31556952, 63113904, "y", "year", "years"}, {2629746, 5259492, "mo", "month", "months"},
        {604800, 1209600, "wk", "week", "weeks"},   {86400, 172800, "d", "day", "days"},
        {3600, 7200, "h", "hour", "hours"},         {60, 120, "min", "minute", "minutes"},
        {1, 1, "s", "second", "seconds"},
    };
    int64_t s = ticks / TCS_TICKS_PER_SEC;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (s < units[i].from)
            continue;
        int64_t n = s / units[i].seconds;
        tcs_base_buf_i64(b, n);
        tcs_base_buf_c(b, ' ');
        tcs_base_buf_str(b, tcs_base_str_of(brief    ? units[i].brief
                                            : n == 1 ? units[i].one
                                                     : units[i].many));
        return;
    }
    tcs_base_buf_str(b, brief ? TCS_STR("<1 s") : TCS_STR("less than a second"));
}

char
report_stage_letter(uint8_t stage)
{
    return stage > TCS_STAGE_NONE && stage < TCS_STAGES ? (char)('A' + stage - 1) : '-';
}

const char *
report_state_word(uint8_t state)
{
    const char *word = tcs_chain_state_name(state);
    return *word ? word : "none";
}

const char *
report_state_says(uint8_t state)
{
    static const char *const says[] = {
        [TCS_STATE_NONE] = "Nothing that asks for attention",
        [TCS_STATE_WATCH] = "Watch: this may be the beginning of an intrusion",
        [TCS_STATE_WARN] = "Warn: an intruder is making progress",
        [TCS_STATE_IMMINENT] = "Imminent: destruction is being prepared",
        [TCS_STATE_DESTRUCTION] = "Destruction seen",
    };
    TCS_ROW_FOR_EACH(says, TCS_STATES);
    return says[state < TCS_STATES ? state : 0];
}

uint8_t
report_level_clamp(uint8_t level)
{
    return level > TCS_CRITICAL ? TCS_CRITICAL : level;
}

void
report_count(struct tcs_buf *b, uint64_t n, const char *one, const char *many)
{
    tcs_base_buf_u64(b, n);
    tcs_base_buf_c(b, ' ');
    tcs_base_buf_str(b, tcs_base_str_of(n == 1 ? one : many));
}

void
report_evidence(struct tcs_buf *b, const struct tcs_evidence *e)
{
    enum { NO_EVENT = 0xffffffffu };
    if (!e->file.n)
        return;
    tcs_base_buf_str(b, e->file);
    if (e->record_id)
        tcs_base_buf_printf(b, ", record %llu", (unsigned long long)e->record_id);
    else
        tcs_base_buf_printf(b, ", byte %llu", (unsigned long long)e->offset);
    if (e->event_id != NO_EVENT)
        tcs_base_buf_printf(b, ", event %u", e->event_id);
    if (e->channel.n) {
        tcs_buf_lit(b, ", ");
        tcs_base_buf_str(b, e->channel);
    }
}

const char *
report_stage_colour(uint8_t stage)
{
    static const char *const colours[] = {"#6b7280", "#2f66b3", "#1f7a5f",
                                          "#8a6500", "#a8480f", "#b3202c"};
    TCS_ROW_FOR_EACH(colours, TCS_STAGES);
    return colours[stage < TCS_STAGES ? stage : 0];
}
