/* event/event.c - look-up by name, and the flat JSON form. */
#include "event/event.h"

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

/* Linear scans are enough: this prints findings and dumps, it does not match. */
static bool
seen_before(const struct tcs_event *ev, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++)
        if (tcs_base_str_eq(ev->fields[i].name, ev->fields[at].name))
            return true;
    return false;
}

static void
print_values(const struct tcs_event *ev, uint32_t at, struct tcs_buf *b)
{
    size_t open = b->n;
    uint32_t more = 0;
    tcs_event_value_json(&ev->fields[at].value, b);
    for (uint32_t i = at + 1; i < ev->nfields; i++) {
        if (!tcs_base_str_eq(ev->fields[i].name, ev->fields[at].name))
            continue;
        tcs_base_buf_c(b, ',');
        tcs_event_value_json(&ev->fields[i].value, b);
        more++;
    }
    if (!more || !tcs_base_buf_room(b, 2))
        return;
    memmove(b->p + open + 1, b->p + open, b->n - open);
    b->p[open] = '[';
    b->n++;
    tcs_base_buf_c(b, ']');
}

void
tcs_event_json_flat(const struct tcs_event *ev, struct tcs_buf *b)
{
    bool first = true;
    tcs_base_buf_c(b, '{');
    for (uint32_t i = 0; i < ev->nfields; i++) {
        if (seen_before(ev, i))
            continue;
        tcs_base_buf_put(b, ",\"", first ? 0 : 1);
        tcs_base_buf_c(b, '"');
        first = false;
        tcs_base_buf_json(b, ev->fields[i].name);
        tcs_buf_lit(b, "\":");
        print_values(ev, i, b);
    }
    tcs_base_buf_c(b, '}');
}
