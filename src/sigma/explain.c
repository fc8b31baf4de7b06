/* sigma/explain.c - a rule on an event, told as a tree of lines.
 *
 * In: a checked rule, the logsource table, an event or none.  Out: for each view whether the event
 * is in it and why not; for each view it is in, the searches that the condition names, and under
 * them the predicates (explain_pred.c).  Long lists are cut: of a list whose items miss, the first
 * few are shown. */
#include "sigma/explain.h"

#include "base/invariant.h"
#include "base/limits.h"
#include "sigma/explain_int.h"
#include "sigma/standing.h"

enum {
    SHOW_MAX = 6,                                 /* items of one list that tell the same */
    DEPTH_MAX = 4 * (int)TCS_COND_DEPTH_MAX + 16, /* a search adds its maps and lists */
};

struct teller {
    const struct tcs_rule *rule;
    const struct tcs_view *view;
    const struct tcs_event *ev;
    struct tcs_arena *a;
    struct tcs_explain *out;
    struct explain_outcome *tried; /* of each predicate, in the view under look */
    struct tcs_buf rests;          /* what the condition rests on */
    struct tcs_str told_field;     /* of the last that was told, and its search */
    uint32_t told_search;
    uint32_t cap;
};

/* Lines -----------------------------------------------------------------------------------------
 */

static uint32_t
add(struct teller *t, enum tcs_explain_kind kind, unsigned level, struct tcs_str text)
{
    struct tcs_explain *ex = t->out;
    if (!tcs_base_arena_grow(t->a, &ex->lines, ex->n, &t->cap, sizeof *ex->lines))
        return ex->n;
    ex->lines[ex->n] = (struct tcs_explain_line){
        .kind = (uint8_t)kind, .truth = TCS_UNKNOWN, .level = (uint16_t)level, .text = text};
    return ex->n++;
}

static void
set_truth(struct teller *t, uint32_t line, enum tcs_truth truth)
{
    if (line < t->out->n)
        t->out->lines[line].truth = (uint8_t)truth;
}

static struct tcs_str
keep(struct teller *t, struct tcs_buf *b)
{
    struct tcs_str s = tcs_base_arena_str(t->a, tcs_base_buf_view(b));
    tcs_base_buf_done(b);
    return s;
}

/* Conditions ------------------------------------------------------------------------------------
 */

static enum tcs_truth tell(struct teller *t, uint32_t node, unsigned level);

static enum tcs_truth
tell_pred(struct teller *t, uint32_t pred, unsigned level)
{
    struct explain_outcome o = tcs_sigma_explain_pred(&t->rule->preds[pred], t->view, t->ev, t->a);
    t->tried[pred] = o;
    set_truth(t, add(t, TCS_EX_PRED, level, o.text), o.truth);
    return o.truth;
}

/* Kleene: the value that decides at once wins, then unknown. */
static enum tcs_truth
kids_truth(const struct teller *t, const struct tcs_node *n, const uint32_t seen[3])
{
    enum tcs_truth decides = n->op == TCS_N_AND ? TCS_NO : TCS_YES;
    if (!t->ev)
        return TCS_UNKNOWN;
    if (seen[decides])
        return decides;
    return seen[TCS_UNKNOWN] ? TCS_UNKNOWN : n->op == TCS_N_AND ? TCS_YES : TCS_NO;
}

/* Kids that say the same again and again are not all shown, but all are evaluated. */
static enum tcs_truth
tell_kids(struct teller *t, const struct tcs_node *n, unsigned level)
{
    uint32_t seen[3] = {0}, hidden = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        uint32_t before = t->out->n;
        enum tcs_truth truth = tell(t, t->rule->kids[n->a + i], level);
        bool decides = t->ev && truth == (n->op == TCS_N_AND ? TCS_NO : TCS_YES);
        if (seen[truth]++ < SHOW_MAX || (decides && seen[truth] < 4 * SHOW_MAX))
            continue;
        t->out->n = before;
        hidden++;
    }
    if (hidden)
        add(t, TCS_EX_NOTE, level, tcs_base_arena_printf(t->a, "and %u more of the kind", hidden));
    return kids_truth(t, n, seen);
}

static enum tcs_truth
tell_list(struct teller *t, const struct tcs_node *n, unsigned level)
{
    if (n->n == 1)
        return tell(t, t->rule->kids[n->a], level);
    uint32_t line =
        add(t, TCS_EX_GROUP, level,
            tcs_base_arena_printf(t->a, n->op == TCS_N_AND ? "all of these %u" : "one of these %u",
                                  n->n));
    enum tcs_truth truth = tell_kids(t, n, level + 1);
    set_truth(t, line, truth);
    return truth;
}

static enum tcs_truth
tell_not(struct teller *t, uint32_t node, unsigned level)
{
    uint32_t line = add(t, TCS_EX_GROUP, level, TCS_STR("not"));
    enum tcs_truth truth = tell(t, node, level + 1);
    truth = truth == TCS_UNKNOWN ? TCS_UNKNOWN : truth == TCS_YES ? TCS_NO : TCS_YES;
    set_truth(t, line, truth);
    return truth;
}

static enum tcs_truth
tell_search(struct teller *t, const struct tcs_search *s, unsigned level)
{
    uint32_t line = add(t, TCS_EX_SEARCH, level, s->name);
    enum tcs_truth truth = tell(t, s->root, level + 1);
    set_truth(t, line, truth);
    return truth;
}

static enum tcs_truth
tell(struct teller *t, uint32_t node, unsigned level)
{
    const struct tcs_node *n = &t->rule->nodes[node];
    if (level > DEPTH_MAX) {
        add(t, TCS_EX_NOTE, level, TCS_STR("nested too deeply to show"));
        return TCS_UNKNOWN;
    }
    switch ((enum tcs_node_op)n->op) {
    case TCS_N_AND:
    case TCS_N_OR:
        return tell_list(t, n, level);
    case TCS_N_NOT:
        return tell_not(t, n->a, level);
    case TCS_N_PRED:
        return tell_pred(t, n->a, level);
    case TCS_N_SEARCH:
        return tell_search(t, &t->rule->searches[n->a], level);
    }
    return TCS_UNKNOWN;
}

/* Views -----------------------------------------------------------------------------------------
 */

static void
say_list(struct tcs_buf *b, const char *what, const struct tcs_str *list, uint32_t n)
{
    if (n)
        tcs_base_buf_printf(b, "%s%s ", b->n ? ", " : "", what);
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            tcs_buf_lit(b, " or ");
        tcs_sigma_explain_quote(b, list[i]);
    }
}

/* What the view asks for: "channel "Security", event id 4688". */
static void
say_view(struct tcs_buf *b, const struct tcs_view *v)
{
    say_list(b, "product", &v->product, v->product.n != 0);
    say_list(b, "service", &v->service, v->service.n != 0);
    say_list(b, "channel", v->channels, v->nchannels);
    say_list(b, "provider", v->providers, v->nproviders);
    for (uint32_t i = 0; i < v->nevent_ids; i++)
        tcs_base_buf_printf(b, "%s%u",
                            i      ? " or "
                            : b->n ? ", event id "
                                   : "event id ",
                            v->event_ids[i]);
    tcs_sigma_explain_where(b, b->n ? ", " : "", &v->where);
}

/* What the event is, in the same words. */
static void
say_event(struct tcs_buf *b, const struct tcs_event *ev, struct tcs_arena *a)
{
    struct tcs_str channel = tcs_event_value_text(&ev->channel, a);
    struct tcs_str provider = tcs_event_value_text(&ev->provider, a);
    say_list(b, "product", &ev->product, ev->product.n != 0);
    say_list(b, "service", &ev->service, ev->service.n != 0);
    say_list(b, "channel", &channel, channel.n != 0);
    say_list(b, "provider", &provider, provider.n != 0);
    if (ev->event_id != TCS_EVENT_ID_NONE)
        tcs_base_buf_printf(b, "%sevent id %u", b->n ? ", " : "", ev->event_id);
}

static void
tell_event(struct teller *t)
{
    struct tcs_buf b = {0};
    say_event(&b, t->ev, t->a);
    struct tcs_str what = keep(t, &b);
    if (!t->ev->product.n)
        what = what.n ? tcs_base_arena_printf(t->a, "no known log, %.*s", TCS_STR_FMT(what))
                      : TCS_STR("no known log");
    const char *schema = t->ev->schema ? t->ev->schema : "";
    add(t, TCS_EX_NOTE, 0,
        tcs_base_arena_printf(t->a, "the event: %.*s%s%s", TCS_STR_FMT(what),
                              *schema ? "; read as " : "", schema));
}

static struct sigma_tried
outcome(void *ctx, uint32_t pred)
{
    const struct explain_outcome *o = &((const struct teller *)ctx)->tried[pred];
    return (struct sigma_tried){.truth = o->letter, .known = o->truth != TCS_UNKNOWN};
}

static void
tell_rest(void *ctx, uint32_t search, uint32_t pred)
{
    struct teller *t = ctx;
    if (search == t->told_search && tcs_base_str_eq(t->tried[pred].absent, t->told_field))
        return;
    struct tcs_str name =
        search < t->rule->nsearches ? t->rule->searches[search].name : (struct tcs_str){NULL, 0};
    t->told_search = search;
    t->told_field = t->tried[pred].absent;
    tcs_base_buf_printf(&t->rests, "%s%.*s of %.*s", t->rests.n ? ", " : "",
                        TCS_STR_FMT(t->told_field), TCS_STR_FMT(name));
}

/* What comes of the truths in one view (docs/matching.md section 2). */
static enum tcs_truth
conclude(struct teller *t)
{
    struct tcs_explain *ex = t->out;
    struct sigma_standing r = sigma_stand(t->rule, outcome, t);
    bool better = ex->verdict != TCS_YES || (ex->unchecked && r.certain);
    if (!r.letter)
        return TCS_NO;
    if (!r.certain && !r.speaks) {
        add(t, TCS_EX_NOTE, 1,
            TCS_STR("true only of what is not there, and nothing that is there speaks for it"));
        return TCS_NO;
    }
    if (better) {
        ex->verdict = TCS_YES;
        ex->view = t->view;
        ex->unchecked = !r.certain;
    }
    if (r.certain)
        return TCS_YES;
    t->told_search = UINT32_MAX - 1;
    sigma_stand_rests_on(t->rule, outcome, t, tell_rest);
    struct tcs_str rests = keep(t, &t->rests);
    add(t, TCS_EX_NOTE, 1, tcs_base_arena_printf(t->a, "unchecked: %.*s", TCS_STR_FMT(rests)));
    return TCS_YES;
}

/* The condition in one view; fits: the event is in it. */
static void
tell_view(struct teller *t, struct tcs_str name, struct tcs_str asks, bool fits)
{
    const char *state = !t->ev ? "" : fits ? "; the event is in it" : "; the event is not in it";
    uint32_t line = add(t, TCS_EX_VIEW, 0,
                        tcs_base_arena_printf(t->a, "view %.*s: %.*s%s", TCS_STR_FMT(name),
                                              TCS_STR_FMT(asks), state));
    if (t->ev && !fits)
        return;
    add(t, TCS_EX_NOTE, 1,
        tcs_base_arena_printf(t->a, "condition: %.*s", TCS_STR_FMT(t->rule->condition)));
    tell(t, t->rule->root, 1);
    if (!t->ev)
        return;
    t->out->applies = true;
    set_truth(t, line, conclude(t));
}

/* The logsource is not in the table: product and service decide (docs/matching.md section 4). */
static void
tell_without_views(struct teller *t, const struct tcs_logsources *ls)
{
    const struct tcs_logsource *want = &t->rule->logsource;
    struct tcs_str note = tcs_sigma_logsources_note(ls, want);
    struct tcs_buf b = {0};
    bool fits = t->ev && (!want->product.n || tcs_base_str_eq(want->product, t->ev->product)) &&
                (!want->service.n || tcs_base_str_eq(want->service, t->ev->service));
    if (want->category.n) {
        if (note.n)
            add(t, TCS_EX_NOTE, 0,
                tcs_base_arena_printf(t->a, "no log that is read here has category %.*s: %.*s",
                                      TCS_STR_FMT(want->category), TCS_STR_FMT(note)));
        else
            add(t, TCS_EX_NOTE, 0,
                tcs_base_arena_printf(t->a, "no log that is read here has category %.*s",
                                      TCS_STR_FMT(want->category)));
        return;
    }
    say_list(&b, "product", &want->product, want->product.n != 0);
    say_list(&b, "service", &want->service, want->service.n != 0);
    if (!b.n)
        tcs_buf_lit(&b, "every event");
    tell_view(t, TCS_STR("as logged"), keep(t, &b), fits);
}

int
tcs_sigma_explain(const struct tcs_rule *rule, const struct tcs_logsources *ls,
                  const struct tcs_event *ev, struct tcs_arena *a, struct tcs_explain *ret,
                  struct tcs_err *err)
{
    uint32_t n;
    const struct tcs_view *views = tcs_sigma_logsources_find(ls, &rule->logsource, &n);
    struct teller t = {.rule = rule, .ev = ev, .a = a, .out = ret};
    *ret = (struct tcs_explain){.verdict = TCS_NO};
    t.tried = tcs_base_arena_array(a, rule->npreds + 1u, sizeof *t.tried);
    if (!t.tried)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    if (ev)
        tell_event(&t);
    if (!n)
        tell_without_views(&t, ls);
    for (uint32_t i = 0; i < n; i++) {
        struct tcs_buf b = {0};
        t.view = &views[i];
        say_view(&b, &views[i]);
        tell_view(&t, views[i].name, keep(&t, &b), ev && tcs_sigma_view_fits(&views[i], ev));
    }
    if (!ev)
        ret->verdict = TCS_UNKNOWN;
    return tcs_base_arena_failed(a) ? tcs_base_fail(err, TCS_ENOMEM, "out of memory") : 0;
}

void
tcs_sigma_explain_print(const struct tcs_explain *ex, struct tcs_buf *b)
{
    static const char mark[] = {[TCS_NO] = '-', [TCS_YES] = '+', [TCS_UNKNOWN] = '?'};
    TCS_ROW_FOR_EACH(mark, TCS_UNKNOWN + 1);
    for (uint32_t i = 0; i < ex->n; i++) {
        const struct tcs_explain_line *l = &ex->lines[i];
        for (unsigned k = 0; k < l->level; k++)
            tcs_buf_lit(b, "  ");
        tcs_base_buf_c(b, l->kind == TCS_EX_NOTE ? ' ' : mark[l->truth]);
        tcs_base_buf_c(b, ' ');
        tcs_base_buf_str(b, l->text);
        tcs_base_buf_c(b, '\n');
    }
}
