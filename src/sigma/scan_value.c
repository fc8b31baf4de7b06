/* sigma/scan_value.c - the values of one event, by slot, and their texts.
 *
 * A value becomes text when a predicate first asks, and folded text is kept for the event.  Memory
 * is bounded: folded texts share one buffer; when it is full it is used from the start again and
 * what was in it is folded anew on demand. */
#include "sigma/scan_int.h"

#include "base/grow.h"
#include "base/invariant.h"
#include "base/limits.h"
#include "match/fold.h"

#include <stdlib.h>

enum {
    TEXT_START = 64 << 10,
    MADE_KEEP = 32 << 10, /* real events make some hundred bytes */
    TEXT_MAX = 8 << 20,   /* more than the largest value needs: 3 MiB */
};

bool
sigma_scan_values_new(struct tcs_scan *s)
{
    uint32_t nslots = tcs_event_fieldset_count(s->rs->fields) + s->rs->nmade;
    s->slots = calloc(nslots + 1u, sizeof *s->slots);
    s->text = malloc(TEXT_START);
    s->text_cap = TEXT_START;
    s->round = 1;
    s->made = tcs_base_arena_new(0);
    return s->slots && s->text && s->made;
}

void
sigma_scan_values_free(struct tcs_scan *s)
{
    free(s->slots);
    free(s->values);
    free(s->text);
    for (int i = 0; i < 2; i++) {
        tcs_base_buf_done(&s->plain[i]);
        tcs_base_buf_done(&s->clean[i]);
    }
    tcs_base_buf_done(&s->other);
    tcs_base_arena_free(s->made);
}

/* --- values by slot ------------------------------------------------------------------------- */

/* Behind those that the event has so far. */
static bool
room(struct tcs_scan *s, uint32_t more)
{
    return tcs_base_grow(&s->values, &s->values_cap, s->nvalues, more, sizeof *s->values);
}

static void
link_value(struct tcs_scan *s, uint32_t at, uint32_t slot)
{
    struct scan_slot *sl = &s->slots[slot];
    s->values[at].next = sl->epoch == s->epoch ? sl->first : SCAN_NO_VALUE;
    *sl = (struct scan_slot){.epoch = s->epoch, .first = at};
}

static void
set_value(struct tcs_scan *s, uint32_t at, const struct tcs_value *v)
{
    struct scan_value *sv = &s->values[at];
    sv->v = *v;
    sv->round = 0;
    sv->cut = false;
}

void
sigma_scan_values_begin(struct tcs_scan *s, const struct tcs_event *ev)
{
    uint32_t nslots = tcs_event_fieldset_count(s->rs->fields);
    s->ev = ev;
    s->text_n = 0;
    s->round++;
    if (s->round == 0)
        s->round = 1;
    s->nvalues = s->nfields = 0;
    if (!room(s, ev->nfields + 1u))
        return;
    s->nvalues = s->nfields = ev->nfields;
    for (uint32_t i = ev->nfields; i-- > 0;) {
        const struct tcs_field *f = &ev->fields[i];
        set_value(s, i, &f->value);
        if (f->slot < nslots)
            link_value(s, i, f->slot);
    }
    if (ev->event_id == TCS_EVENT_ID_NONE)
        return;
    struct tcs_value id = {.type = TCS_V_UINT, .u = ev->event_id};
    set_value(s, s->nvalues, &id);
    s->slots[s->rs->event_id_slot].epoch = 0; /* alone, whatever the record holds */
    link_value(s, s->nvalues++, s->rs->event_id_slot);
}

/* --- values that views make ------------------------------------------------------------------ */

static struct tcs_str
raw_text(const struct tcs_value *v, struct tcs_buf *b)
{
    if (v->type == TCS_V_UTF8)
        return (struct tcs_str){v->p, v->n < TCS_VALUE_TEXT_MAX ? v->n : TCS_VALUE_TEXT_MAX};
    b->n = 0;
    tcs_event_value_print(v, b);
    return tcs_base_buf_view(b);
}

static void
append(struct tcs_scan *s, const struct tcs_value *v, uint32_t slot, uint32_t *last)
{
    if (!room(s, 1))
        return;
    uint32_t at = s->nvalues++;
    set_value(s, at, v);
    s->values[at].next = SCAN_NO_VALUE;
    if (*last == SCAN_NO_VALUE)
        s->slots[slot] = (struct scan_slot){.epoch = s->epoch, .first = at};
    else
        s->values[*last].next = at;
    *last = at;
}

/* "first + sep + second", then through the prefix pairs; absent if a source is or all are empty. */
static void
make_joined(struct tcs_scan *s, const struct plan_made *m, uint32_t slot)
{
    struct tcs_buf b = {0};
    const struct tcs_view_field *f = m->field;
    bool any = false;
    for (uint32_t i = 0; i < f->nsources; i++) {
        uint32_t at = sigma_scan_first(s, m->sources[i]);
        if (at == SCAN_NO_VALUE) {
            tcs_base_buf_done(&b);
            return;
        }
        struct tcs_str t = raw_text(&s->values[at].v, &s->plain[0]);
        any |= t.n > 0;
        if (i)
            tcs_base_buf_str(&b, f->sep);
        tcs_base_buf_str(&b, t);
    }
    struct tcs_str text = tcs_base_arena_str(s->made, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    if (!any || !text.p)
        return;
    struct tcs_value v = tcs_event_value_str(text);
    uint32_t last = SCAN_NO_VALUE;
    if (f->npairs) {
        struct tcs_view_field prefix = *f;
        struct tcs_value through;
        prefix.rewrite = TCS_RW_PREFIX;
        if (tcs_sigma_view_rewrite(&prefix, &v, s->made, &through))
            v = through;
    }
    append(s, &v, slot, &last);
}

/* DATA: among the values from `at` on, is there one that the header does not have? */
static bool
has_data(const struct tcs_scan *s, const struct tcs_view_field *f, struct tcs_str source,
         uint32_t at)
{
    for (; f->rewrite == TCS_RW_DATA && at != SCAN_NO_VALUE; at = s->values[at].next)
        if (!tcs_sigma_view_of_header(f, source, s->ev, &s->values[at].v))
            return true;
    return false;
}

/* The one that makes the field of this event; NULL: none does. */
static const struct plan_made *
made_by(const struct tcs_scan *s, const struct plan_made *m)
{
    const struct tcs_view_field *f = tcs_sigma_view_case(m->field, s->ev);
    if (f == m->field)
        return m;
    return f ? &m->cases[f - m->field->cases] : NULL;
}

static void
make(struct tcs_scan *s, uint32_t which)
{
    const struct plan_made *m = made_by(s, &s->rs->made[which]);
    uint32_t slot = tcs_event_fieldset_count(s->rs->fields) + which, last = SCAN_NO_VALUE, from;
    if (!m)
        return;
    if (m->field->rewrite == TCS_RW_JOIN) {
        make_joined(s, m, slot);
        return;
    }
    struct tcs_str source = {NULL, 0};
    from = SCAN_NO_VALUE;
    for (uint32_t i = 0; i < m->field->nsources && from == SCAN_NO_VALUE; i++) {
        source = m->field->sources[i];
        from = sigma_scan_first(s, m->sources[i]);
    }
    if (m->field->rewrite == TCS_RW_NONE) {
        if (from != SCAN_NO_VALUE)
            s->slots[slot] = (struct scan_slot){.epoch = s->epoch, .first = from};
        return;
    }
    bool data = has_data(s, m->field, source, from);
    for (; from != SCAN_NO_VALUE; from = s->values[from].next) {
        struct tcs_value v = s->values[from].v, out;
        if ((data && tcs_sigma_view_of_header(m->field, source, s->ev, &v)) ||
            !tcs_sigma_view_rewrite(m->field, &v, s->made, &out))
            continue;
        append(s, &out, slot, &last);
        if (tcs_sigma_view_keeps(m->field, &v, &out))
            append(s, &v, slot, &last);
    }
}

/* An arena keeps its blocks; a log of ever longer values must not make it keep ever more. */
static void
forget_made(struct tcs_scan *s)
{
    struct tcs_arena *fresh =
        tcs_base_arena_used(s->made) > MADE_KEEP ? tcs_base_arena_new(0) : NULL;
    if (!fresh) {
        tcs_base_arena_reset(s->made);
        return;
    }
    tcs_base_arena_free(s->made);
    s->made = fresh;
}

void
sigma_scan_values_make(struct tcs_scan *s, const uint32_t *made, uint32_t n)
{
    if (n)
        forget_made(s);
    for (uint32_t i = 0; i < n; i++)
        make(s, made[i]);
}

/* --- texts ---------------------------------------------------------------------------------- */

/* Room for one folded text; may forget the others.  NULL when out of memory. */
static char *
text_room(struct tcs_scan *s, size_t need)
{
    if (need <= s->text_cap - s->text_n)
        return s->text + s->text_n;
    s->text_n = 0;
    s->round++;
    size_t cap = s->text_cap * 2 < need ? need : s->text_cap * 2;
    if (s->text_cap >= TEXT_MAX)
        cap = need;
    if (cap > s->text_cap) {
        char *p = realloc(s->text, cap);
        if (!p)
            return NULL;
        s->text = p;
        s->text_cap = cap;
    }
    return s->text;
}

static void
count_cut(struct tcs_scan *s, struct scan_value *sv)
{
    bool text = sv->v.type == TCS_V_UTF8 || sv->v.type == TCS_V_UTF16 || sv->v.type == TCS_V_ANSI;
    size_t limit = sv->v.type == TCS_V_BIN ? TCS_VALUE_TEXT_MAX / 2 : TCS_VALUE_TEXT_MAX;
    if (sv->cut || sv->v.n <= limit || (!text && sv->v.type != TCS_V_BIN))
        return;
    sv->cut = true;
    s->stats.cut_values++;
}

struct tcs_str
sigma_scan_folded(struct tcs_scan *s, uint32_t value)
{
    TCS_INVARIANT(value < s->nvalues);
    struct scan_value *sv = &s->values[value];
    if (sv->round == s->round)
        return (struct tcs_str){s->text + sv->at, sv->n};
    count_cut(s, sv);
    size_t n;
    char *out;
    if (sv->v.type == TCS_V_UTF16) {
        size_t bytes = sv->v.n < TCS_VALUE_TEXT_MAX ? sv->v.n : TCS_VALUE_TEXT_MAX;
        out = text_room(s, TCS_FOLD_ROOM_UTF16(bytes));
        n = out ? tcs_match_fold_utf16(sv->v.b, bytes, out) : 0;
    } else {
        struct tcs_str t = raw_text(&sv->v, &s->plain[0]);
        out = text_room(s, TCS_FOLD_ROOM_UTF8(t.n));
        n = out ? tcs_match_fold_utf8(t, out) : 0;
    }
    if (!out)
        return (struct tcs_str){"", 0};
    sv->at = (uint32_t)(out - s->text);
    sv->n = (uint32_t)n;
    sv->round = s->round;
    s->text_n = sv->at + n;
    return (struct tcs_str){out, n};
}

struct tcs_str
sigma_scan_clean(struct tcs_scan *s, uint32_t value, int buffer)
{
    struct scan_value *sv = &s->values[value];
    count_cut(s, sv);
    struct tcs_str t = raw_text(&sv->v, &s->plain[buffer]);
    struct tcs_buf *b = &s->clean[buffer];
    struct tcs_str probe = tcs_match_fold_clean(t, NULL);
    if (probe.p || probe.n == 0)
        return probe;
    b->n = 0;
    char *out = tcs_base_buf_room(b, TCS_FOLD_ROOM_UTF8(t.n));
    return out ? tcs_match_fold_clean(t, out) : (struct tcs_str){"", 0};
}

static bool
guid_at(const char *p)
{
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = tcs_base_ascii_lower(p[i]);
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex)
            return false;
    }
    return true;
}

size_t
sigma_scan_guid_other(struct tcs_str text, char out[SCAN_GUID_TEXT])
{
    if (text.n == 36 && guid_at(text.p)) {
        out[0] = '{';
        memcpy(out + 1, text.p, 36);
        out[37] = '}';
        return 38;
    }
    if (text.n == 38 && text.p[0] == '{' && text.p[37] == '}' && guid_at(text.p + 1)) {
        memcpy(out, text.p + 1, 36);
        return 36;
    }
    return 0;
}
