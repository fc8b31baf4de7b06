/* event/event.c - look-up by name, and the flat JSON form. */
#include "event/event.h"

#include "event/same.h"

const struct tcs_value *
tcs_event_header(const struct tcs_event *ev, struct tcs_str name)
{
    if (tcs_base_str_eq(name, TCS_STR("Channel")))
        return &ev->channel;
    if (tcs_base_str_eq(name, TCS_STR("Provider_Name")))
        return &ev->provider;
    return tcs_base_str_eq(name, TCS_STR("Computer")) ? &ev->computer : NULL;
}

const struct tcs_field *
tcs_event_field(const struct tcs_event *ev, struct tcs_str name)
{
    for (uint32_t i = 0; i < ev->nfields; i++)
        if (tcs_base_str_eq(ev->fields[i].name, name))
            return &ev->fields[i];
    return NULL;
}

static void
print_values(const struct tcs_event *ev, const struct tcs_same *same, uint32_t at,
             struct tcs_buf *b)
{
    uint32_t next = tcs_event_same_next(same, at);
    tcs_base_buf_put(b, "[", next ? 1 : 0);
    tcs_event_value_json(&ev->fields[at].value, b);
    for (uint32_t i = next; i; i = tcs_event_same_next(same, i)) {
        tcs_base_buf_c(b, ',');
        tcs_event_value_json(&ev->fields[i].value, b);
    }
    tcs_base_buf_put(b, "]", next ? 1 : 0);
}

void
tcs_event_json_flat(const struct tcs_event *ev, struct tcs_buf *b)
{
    struct tcs_same same;
    bool first = true;
    if (!tcs_event_same(ev, NULL, &same)) {
        b->failed = true;
        return;
    }
    tcs_base_buf_c(b, '{');
    for (uint32_t i = 0; i < ev->nfields; i++) {
        if (!tcs_event_same_first(&same, i))
            continue;
        tcs_base_buf_put(b, ",\"", first ? 0 : 1);
        tcs_base_buf_c(b, '"');
        first = false;
        tcs_base_buf_json(b, ev->fields[i].name);
        tcs_buf_lit(b, "\":");
        print_values(ev, &same, i, b);
    }
    tcs_base_buf_c(b, '}');
    tcs_event_same_done(&same);
}
