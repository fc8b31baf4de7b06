/* sigma/explain_pred.c - one predicate on one event, in words.  In: predicate, view, event.  Out:
 * its truth by docs/matching.md section 3 and a line like  Image ends with "\cmd.exe": is "C:\x".
 * Compiles what it needs each time. */
#include "sigma/explain_int.h"

#include "base/invariant.h"
#include "base/limits.h"
#include "base/time.h"
#include "base/utf.h"
#include "match/fold.h"
#include "match/glob.h"
#include "match/ip.h"
#include "match/regex.h"
#include "sigma/scan_int.h"

enum { QUOTE_MAX = 200 }; /* bytes of a value that a line shows */

struct values {
    struct tcs_value *v;
    uint32_t n;
    bool unknown, lost; /* lost: unknown because this record lacks it */
    const struct tcs_view_field *made;
};

/* Words -----------------------------------------------------------------------------------------
 */

void
tcs_sigma_explain_quote(struct tcs_buf *b, struct tcs_str s)
{
    size_t end = s.n;
    if (end > QUOTE_MAX)
        for (end = QUOTE_MAX; end && ((unsigned char)s.p[end] & 0xc0) == 0x80;)
            end--;
    tcs_base_buf_c(b, '"');
    for (size_t i = 0; i < end;) {
        char out[4];
        uint32_t c = tcs_base_utf8_next(tcs_base_str_slice(s, 0, end), &i);
        if (c == '\n')
            tcs_buf_lit(b, "\\n");
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            tcs_base_buf_printf(b, "\\x%02x", c);
        else
            tcs_base_buf_put(b, out, tcs_base_utf8_put(out, c));
    }
    tcs_base_buf_c(b, '"');
    if (end < s.n)
        tcs_base_buf_printf(b, " (the first of %zu bytes)", s.n);
}

void
tcs_sigma_explain_where(struct tcs_buf *b, const char *before, const struct tcs_view_where *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        struct tcs_str value = w->values[i];
        bool negated = value.n && value.p[0] == '!';
        tcs_base_buf_printf(b, "%s%.*s %s ", i ? ", " : before, TCS_STR_FMT(w->fields[i]),
                            negated ? "none of" : "one of");
        tcs_sigma_explain_quote(b, tcs_base_str_slice(value, negated, value.n));
    }
}

static void
quote_pattern(struct tcs_buf *b, struct tcs_str s)
{
    struct tcs_buf plain = {0};
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '*' || s.p[i] == '?')
            tcs_base_buf_c(&plain, '\\');
        tcs_base_buf_c(&plain, s.p[i] == TCS_ANY_RUN ? '*' : s.p[i] == TCS_ANY_ONE ? '?' : s.p[i]);
    }
    tcs_sigma_explain_quote(b, tcs_base_buf_view(&plain));
    b->failed |= plain.failed;
    tcs_base_buf_done(&plain);
}

static void
say_pattern(struct tcs_buf *b, const struct tcs_pred *p)
{
    struct tcs_str t = p->text;
    bool open = t.n && t.p[0] == TCS_ANY_RUN;
    bool end = t.n && t.p[t.n - 1] == TCS_ANY_RUN;
    struct tcs_str core = tcs_base_str_slice(t, open, t.n > open ? t.n - end : t.n);
    if (t.n == 1 && open) {
        tcs_buf_lit(b, "is there");
        return;
    }
    tcs_base_buf_str(b, open && end ? TCS_STR("contains ")
                        : open      ? TCS_STR("ends with ")
                        : end       ? TCS_STR("starts with ")
                                    : TCS_STR("is "));
    quote_pattern(b, core);
    if (p->flags & TCS_PF_CASED)
        tcs_buf_lit(b, " (case as written)");
}

static void
say_regex(struct tcs_buf *b, const struct tcs_pred *p)
{
    tcs_buf_lit(b, "matches the regular expression ");
    tcs_sigma_explain_quote(b, p->text);
    if (p->flags & TCS_PF_RE_I)
        tcs_buf_lit(b, ", case ignored");
    if (p->flags & TCS_PF_RE_M)
        tcs_buf_lit(b, ", line by line");
    if (p->flags & TCS_PF_RE_S)
        tcs_buf_lit(b, ", dot takes line ends");
}

static void
say_network(struct tcs_buf *b, const struct tcs_pred *p)
{
    const uint8_t *a = p->addr;
    tcs_buf_lit(b, "is an address in ");
    if (p->bits >= 96 && a[10] == 0xff && a[11] == 0xff) {
        tcs_base_buf_printf(b, "%u.%u.%u.%u/%u", a[12], a[13], a[14], a[15], p->bits - 96u);
        return;
    }
    for (int i = 0; i < 16; i += 2)
        tcs_base_buf_printf(b, i ? ":%x" : "%x", (unsigned)a[i] << 8 | a[i + 1]);
    tcs_base_buf_printf(b, "/%u", p->bits);
}

static const char *const cmp_words[] = {
    [TCS_EQ] = "is",         [TCS_NE] = "is not",   [TCS_LT] = "is below",
    [TCS_LE] = "is at most", [TCS_GT] = "is above", [TCS_GE] = "is at least",
};
TCS_ROW_FOR_EACH(cmp_words, TCS_GE + 1);
static const char *const part_words[] = {
    [TCS_MINUTE] = "minute", [TCS_HOUR] = "hour",   [TCS_DAY] = "day",
    [TCS_WEEK] = "week",     [TCS_MONTH] = "month", [TCS_YEAR] = "year",
};
TCS_ROW_FOR_EACH(part_words, TCS_YEAR + 1);

static void
say_reference(struct tcs_buf *b, const struct tcs_pred *p)
{
    tcs_base_buf_str(b, p->flags & TCS_PF_REF_CONTAINS ? TCS_STR("contains the value of ")
                        : p->flags & TCS_PF_REF_STARTS ? TCS_STR("starts with the value of ")
                        : p->flags & TCS_PF_REF_ENDS   ? TCS_STR("ends with the value of ")
                                                       : TCS_STR("equals the value of "));
    tcs_base_buf_str(b, p->text);
}

static void
say(struct tcs_buf *b, const struct tcs_pred *p)
{
    tcs_base_buf_str(b, p->field.n ? p->field : TCS_STR("any field"));
    tcs_base_buf_c(b, ' ');
    switch ((enum tcs_pred_kind)p->kind) {
    case TCS_P_STR:
        say_pattern(b, p);
        return;
    case TCS_P_RE:
        say_regex(b, p);
        return;
    case TCS_P_CIDR:
        say_network(b, p);
        return;
    case TCS_P_NUM:
        tcs_base_buf_printf(b, "%s the number %.15g", cmp_words[p->cmp], p->num);
        return;
    case TCS_P_NULL:
        tcs_buf_lit(b, "is absent or has no value");
        return;
    case TCS_P_EXISTS:
        tcs_base_buf_str(b, p->num != 0 ? TCS_STR("exists") : TCS_STR("does not exist"));
        return;
    case TCS_P_FIELDREF:
        say_reference(b, p);
        return;
    case TCS_P_TIMEPART:
        tcs_base_buf_printf(b, "as a time: its %s %s %.15g", part_words[p->part], cmp_words[p->cmp],
                            p->num);
        return;
    }
}

/* Values ----------------------------------------------------------------------------------------
 */

static struct tcs_value
event_id(const struct tcs_event *ev)
{
    return (struct tcs_value){.type = TCS_V_UINT, .u = ev->event_id};
}

/* All fields of that name; of every name when it is empty. */
static void
own_values(const struct tcs_event *ev, struct tcs_str name, struct values *r)
{
    if (tcs_base_str_eq(name, TCS_STR("EventID")) && ev->event_id != TCS_EVENT_ID_NONE) {
        r->v[r->n++] = event_id(ev);
        return;
    }
    for (uint32_t i = 0; i < ev->nfields; i++)
        if (!name.n || tcs_base_str_eq(ev->fields[i].name, name))
            r->v[r->n++] = ev->fields[i].value;
}

static bool
all_blank(const struct values *r, struct tcs_arena *a)
{
    for (uint32_t i = 0; i < r->n; i++)
        if (!tcs_sigma_view_blank(&r->v[i], a))
            return false;
    return true;
}

static struct values
values_of(const struct tcs_view *view, const struct tcs_event *ev, struct tcs_str name,
          struct tcs_arena *a)
{
    uint32_t most = 2 * ev->nfields + 1;
    struct values r = {.v = tcs_base_arena_array(a, most, sizeof *r.v)};
    if (!r.v)
        return r;
    switch (name.n ? tcs_sigma_view_look(view, name, &r.made) : TCS_LOOK_OWN) {
    case TCS_LOOK_OWN:
        own_values(ev, name, &r);
        break;
    case TCS_LOOK_MADE:
        r.made = tcs_sigma_view_case(r.made, ev);
        r.n = r.made ? tcs_sigma_view_make(r.made, ev, a, r.v, most) : 0;
        break;
    case TCS_LOOK_NEVER:
        r.unknown = true;
        return r;
    }
    r.lost = name.n && view && ((view->fixed && r.n == 0) || (view->sparse && all_blank(&r, a)));
    r.unknown = r.lost;
    return r;
}

/* Well-formed text, folded if `fold`. */
static struct tcs_str
text_of(const struct tcs_value *v, bool fold, struct tcs_arena *a)
{
    struct tcs_str t = tcs_event_value_text(v, a);
    char *out = tcs_base_arena_alloc(a, TCS_FOLD_ROOM_UTF8(t.n));
    if (!out)
        return (struct tcs_str){NULL, 0};
    return fold ? (struct tcs_str){out, tcs_match_fold_utf8(t, out)} : tcs_match_fold_clean(t, out);
}

/* Truth -----------------------------------------------------------------------------------------
 */

static bool
pattern_fits(const struct tcs_pred *p, struct tcs_str text, struct tcs_arena *a)
{
    struct tcs_glob g;
    return tcs_match_glob_compile(a, p->text, p->flags & TCS_PF_CASED, &g) &&
           tcs_match_glob_match(&g, text);
}

static bool
regex_finds(const struct tcs_pred *p, struct tcs_str text)
{
    struct tcs_regex_scratch *scratch = tcs_match_regex_scratch_new();
    struct tcs_regex *re = NULL;
    unsigned flags = (p->flags & TCS_PF_RE_I ? TCS_REGEX_I : 0u) |
                     (p->flags & TCS_PF_RE_M ? TCS_REGEX_M : 0u) |
                     (p->flags & TCS_PF_RE_S ? TCS_REGEX_S : 0u);
    bool yes = scratch && tcs_match_regex_new(p->text, flags, &re, NULL) == 0 &&
               tcs_match_regex_match(re, scratch, text) > 0;
    tcs_match_regex_free(re);
    tcs_match_regex_scratch_free(scratch);
    return yes;
}

/* STR and RE look at both texts of a GUID. */
static bool
text_satisfies(const struct tcs_pred *p, const struct tcs_value *v, struct tcs_arena *a)
{
    char guid[SCAN_GUID_TEXT];
    struct tcs_str t = text_of(v, p->kind == TCS_P_STR && !(p->flags & TCS_PF_CASED), a);
    struct tcs_str other = {guid, sigma_scan_guid_other(t, guid)};
    if (p->kind == TCS_P_RE)
        return regex_finds(p, t) || (other.n && regex_finds(p, other));
    return pattern_fits(p, t, a) || (other.n && pattern_fits(p, other, a));
}

static bool
time_satisfies(const struct tcs_pred *p, const struct tcs_value *v, struct tcs_arena *a)
{
    int64_t ticks = v->i;
    if (v->type != TCS_V_TIME && !tcs_base_time_parse(tcs_event_value_text(v, a), &ticks))
        return false;
    if (ticks == TCS_TIME_NONE)
        return false;
    struct tcs_civil c = tcs_base_time_civil(ticks);
    double part[] = {[TCS_MINUTE] = c.minute, [TCS_HOUR] = c.hour,
                     [TCS_DAY] = c.day,       [TCS_WEEK] = tcs_base_time_iso_week(c),
                     [TCS_MONTH] = c.month,   [TCS_YEAR] = c.year};
    return tcs_sigma_cmp_holds(part[p->part], p->cmp, p->num);
}

static bool
refers(const struct tcs_pred *p, const struct tcs_value *v, const struct values *others,
       struct tcs_arena *a)
{
    bool fold = !(p->flags & TCS_PF_CASED);
    struct tcs_str t = text_of(v, fold, a);
    for (uint32_t i = 0; v->type != TCS_V_NULL && i < others->n; i++) {
        struct tcs_str u = text_of(&others->v[i], fold, a);
        if (others->v[i].type == TCS_V_NULL)
            continue;
        if (p->flags & TCS_PF_REF_CONTAINS ? !u.n || (t.n && memmem(t.p, t.n, u.p, u.n))
            : p->flags & TCS_PF_REF_STARTS ? tcs_base_str_starts(t, u)
            : p->flags & TCS_PF_REF_ENDS   ? tcs_base_str_ends(t, u)
                                           : tcs_base_str_eq(t, u))
            return true;
    }
    return false;
}

static bool
satisfies(const struct tcs_pred *p, const struct tcs_value *v, const struct values *others,
          struct tcs_arena *a)
{
    uint8_t addr[16];
    double number;
    switch ((enum tcs_pred_kind)p->kind) {
    case TCS_P_STR:
    case TCS_P_RE:
        return text_satisfies(p, v, a);
    case TCS_P_CIDR:
        return tcs_match_ip_parse(tcs_event_value_text(v, a), addr) &&
               tcs_match_ip_in(addr, p->addr, p->bits);
    case TCS_P_NUM:
        return tcs_event_value_number(v, &number) && tcs_sigma_cmp_holds(number, p->cmp, p->num);
    case TCS_P_NULL:
        return v->type == TCS_V_NULL;
    case TCS_P_FIELDREF:
        return refers(p, v, others, a);
    case TCS_P_TIMEPART:
        return time_satisfies(p, v, a);
    case TCS_P_EXISTS:
        break;
    }
    return false;
}

/* True by the letter? And in *met the value that decided or the first there is (NULL: none). */
static bool
judge(const struct tcs_pred *p, const struct values *vals, const struct values *others,
      struct tcs_arena *a, const struct tcs_value **met)
{
    *met = vals->n ? &vals->v[0] : NULL;
    if (p->kind == TCS_P_EXISTS)
        return (vals->n > 0) == (p->num != 0);
    if (p->kind == TCS_P_NULL && vals->n == 0)
        return true;
    for (uint32_t i = 0; i < vals->n; i++)
        if (satisfies(p, &vals->v[i], others, a)) {
            *met = &vals->v[i];
            return true;
        }
    return false;
}

/* What the predicate met, behind what it asks. */
static void
say_met(struct tcs_buf *b, const struct tcs_pred *p, enum tcs_truth truth,
        const struct values *vals, const struct tcs_value *met, struct tcs_arena *a)
{
    if (vals->unknown && !vals->lost) {
        tcs_buf_lit(b, ": this log has no such field");
    } else if (vals->lost) {
        tcs_buf_lit(b, ": the record does not have it");
    } else if (truth == TCS_UNKNOWN) {
        tcs_buf_lit(b, ": the other field is not there");
    } else if (!met) {
        tcs_buf_lit(b, ": the field is absent");
    } else if (p->field.n || truth == TCS_YES) {
        tcs_buf_lit(b, ": it is ");
        tcs_sigma_explain_quote(b, tcs_event_value_text(met, a));
        if (vals->n > 1)
            tcs_base_buf_printf(b, " (of %u values)", vals->n);
    }
    if (vals->made && vals->made->nsources && !vals->unknown) {
        tcs_base_buf_printf(b, " (from %.*s", TCS_STR_FMT(vals->made->sources[0]));
        tcs_sigma_explain_where(b, ", where ", &vals->made->where);
        tcs_base_buf_c(b, ')');
    }
}

struct explain_outcome
tcs_sigma_explain_pred(const struct tcs_pred *pred, const struct tcs_view *view,
                       const struct tcs_event *ev, struct tcs_arena *a)
{
    struct explain_outcome r = {.truth = TCS_UNKNOWN};
    struct tcs_buf b = {0};
    say(&b, pred);
    if (ev) {
        struct values vals = values_of(view, ev, pred->field, a), others = {0};
        const struct tcs_value *met;
        struct tcs_pred tried = *pred;
        if (pred->kind == TCS_P_FIELDREF)
            others = values_of(view, ev, pred->text, a);
        if (pred->kind == TCS_P_STR && vals.made)
            tried.text = tcs_sigma_view_pattern(vals.made, pred->text);
        r.letter = judge(&tried, &vals, &others, a, &met);
        bool second = others.unknown && (!vals.unknown || (vals.lost && !others.lost));
        r.absent = second ? pred->text : vals.unknown ? pred->field : TCS_STR("");
        r.truth = vals.unknown || others.unknown ? TCS_UNKNOWN : r.letter ? TCS_YES : TCS_NO;
        say_met(&b, pred, r.truth, &vals, met, a);
    }
    r.text = tcs_base_arena_str(a, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
    return r;
}
