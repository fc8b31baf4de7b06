/* correlate/extract.c - the values of a match that correlations read, as texts.
 *
 * A field is that of the view in which the rule matched.  Words that mean "none" are none:
 * grouping by them would join what has nothing in common. */
#include "base/limits.h"
#include "correlate/correlate_int.h"

/* What a name means in the header when the record has no field of that name. */
static bool
in_header(const struct tcs_event *ev, struct tcs_str name, struct tcs_value *ret)
{
    if (tcs_base_str_eq(name, TCS_STR("EventID")) && ev->event_id != TCS_EVENT_ID_NONE) {
        *ret = (struct tcs_value){.type = TCS_V_UINT, .u = ev->event_id};
        return true;
    }
    const struct tcs_value *v =
        tcs_base_str_eq(name, TCS_STR("ComputerName")) ? &ev->computer : tcs_event_header(ev, name);
    if (v)
        *ret = *v;
    return v != NULL;
}

static bool
find(const struct tcs_event *ev, const struct tcs_view *view, struct tcs_str name,
     struct tcs_arena *a, struct tcs_value *ret)
{
    const struct tcs_view_field *made;
    enum tcs_view_look look = tcs_sigma_view_look(view, name, &made);
    if (look == TCS_LOOK_MADE)
        return tcs_sigma_view_make(made, ev, a, ret, 1) == 1;
    /* a view that lacks the field may still be of a record whose header has it */
    const struct tcs_field *f = look == TCS_LOOK_OWN ? tcs_event_field(ev, name) : NULL;
    if (f)
        *ret = f->value;
    return f || in_header(ev, name, ret);
}

static bool
is_dotted(struct tcs_str s)
{
    size_t dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.')
            dots++;
        else if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return dots == 3;
}

/* The text that is compared; empty for the words that mean "none" or "this host itself". */
static struct tcs_str
canonical(struct tcs_str s)
{
    static const struct tcs_str none[] = {
        {"-", 1}, {"::1", 3}, {"127.0.0.1", 9}, {"S-1-0-0", 7}, {"N/A", 3}};
    struct tcs_str mapped = TCS_STR("::ffff:");
    s = tcs_base_str_trim(tcs_base_str_slice(s, 0, TCS_CORR_TEXT_MAX));
    if (s.n > mapped.n && tcs_base_str_ieq(tcs_base_str_slice(s, 0, mapped.n), mapped) &&
        is_dotted(tcs_base_str_slice(s, mapped.n, s.n)))
        s = tcs_base_str_slice(s, mapped.n, s.n);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (tcs_base_str_eq(s, none[i]))
            return (struct tcs_str){0};
    return s;
}

void
tcs_correlate_extract(const struct tcs_corrplan *p, const struct tcs_event *ev,
                      const struct tcs_sigma_match *match, struct tcs_arena *a,
                      struct tcs_corr_match *m)
{
    const struct corr_stream *s = &p->streams[match->rule];
    struct tcs_str *values = tcs_base_arena_array(a, s->nfields ? s->nfields : 1, sizeof *values);
    *m = (struct tcs_corr_match){.time = ev->time,
                                 .rule = match->rule,
                                 .source = ev->origin ? ev->origin->index : 0,
                                 .record = ev->record_id,
                                 .offset = ev->offset,
                                 .values = values,
                                 .nvalues = values ? s->nfields : 0};
    for (uint32_t i = 0; i < m->nvalues; i++) {
        struct tcs_value v;
        if (find(ev, match->view, s->fields[i], a, &v))
            values[i] = canonical(tcs_event_value_text(&v, a));
    }
}
