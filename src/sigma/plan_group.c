/* sigma/plan_group.c - one group: what is evaluated on one kind of record.
 *
 * Of each unit's tree the parts of its outermost AND give clauses, of which the PLAN_CLAUSES
 * cheapest make the unit a candidate.  Parts that their clause says all about need no evaluation;
 * the others become a program: predicate tests with two exits each, so that evaluation stops as
 * soon as the outcome is known. */
#include "sigma/plan.h"

struct chosen {
    struct plan_clause clause;
    uint32_t part; /* of the outermost AND */
};

/* A unit on its way into the group. */
struct work {
    struct chosen chosen[PLAN_CLAUSES]; /* cheapest first */
    uint32_t nchosen;
};

struct build {
    struct plan_build *b;
    struct plan_group *g;
    const struct plan_member *members;
    struct work *work;
    uint32_t n;
    uint32_t *triggers; /* of the group, in order of their local numbers */
    uint32_t *marks;    /* per trigger: how many uses; later: where its marks go */
    struct plan_instr *code;
    uint32_t ncode;
    struct plan_fire *fires;
    struct plan_mark *places; /* of marks, while they are gathered */
};

static int
no_memory(struct plan_build *b)
{
    return tcs_base_fail(b->err, TCS_ENOMEM, "compiling rules");
}

/* --- clauses ---------------------------------------------------------------------------------- */

static void
keep_cheapest(struct work *w, const struct plan_clause *c, uint32_t part)
{
    uint32_t at = w->nchosen;
    while (at > 0 && w->chosen[at - 1].clause.cost > c->cost)
        at--;
    if (at == PLAN_CLAUSES)
        return;
    uint32_t last = w->nchosen < PLAN_CLAUSES ? w->nchosen++ : PLAN_CLAUSES - 1;
    memmove(&w->chosen[at + 1], &w->chosen[at], (last - at) * sizeof w->chosen[0]);
    w->chosen[at] = (struct chosen){*c, part};
}

static uint32_t
parts_of(const struct plan_ex *ex, const struct plan_ex *const **parts, const struct plan_ex **one)
{
    if (ex->op == PLAN_EX_AND) {
        *parts = (const struct plan_ex *const *)ex->kids;
        return ex->n;
    }
    *one = ex;
    *parts = one;
    return 1;
}

static int
choose(struct build *s, uint32_t member)
{
    const struct plan_ex *one, *const *parts;
    uint32_t n = parts_of(s->members[member].ex, &parts, &one);
    struct work *w = &s->work[member];
    for (uint32_t i = 0; i < n; i++) {
        struct plan_clause c;
        int rc = sigma_plan_clause(s->b, parts[i], &c);
        if (rc < 0)
            return rc;
        if (rc > 0)
            keep_cheapest(w, &c, i);
    }
    if (w->nchosen > s->g->columns)
        s->g->columns = w->nchosen;
    return 0;
}

/* Numbers the triggers in use and counts their uses. */
static int
number(struct build *s)
{
    struct plan_build *b = s->b;
    uint32_t total = 0, most = 0;
    b->group_no++;
    for (uint32_t m = 0; m < s->n; m++)
        for (uint32_t c = 0; c < s->work[m].nchosen; c++)
            most += s->work[m].chosen[c].clause.n;
    s->triggers = tcs_base_arena_array(b->group_tmp, most, sizeof *s->triggers);
    s->marks = tcs_base_arena_array(b->group_tmp, most, sizeof *s->marks);
    if (!s->triggers || !s->marks)
        return no_memory(b);
    for (uint32_t m = 0; m < s->n; m++)
        for (uint32_t c = 0; c < s->work[m].nchosen; c++) {
            const struct plan_clause *cl = &s->work[m].chosen[c].clause;
            for (uint32_t i = 0; i < cl->n; i++) {
                struct plan_trigger *t = &b->triggers[cl->triggers[i]];
                if (t->group != b->group_no) {
                    t->group = b->group_no;
                    t->local = s->g->ntriggers++;
                    s->triggers[t->local] = cl->triggers[i];
                }
                s->marks[t->local]++;
                total++;
            }
        }
    struct plan_group *g = s->g;
    g->fires = s->fires = tcs_base_arena_array(b->rs->arena, g->ntriggers, sizeof *s->fires);
    s->places = tcs_base_arena_array(b->group_tmp, total, sizeof *s->places);
    if (!s->fires || !s->places)
        return no_memory(b);
    for (uint32_t i = 0, at = 0; i < g->ntriggers; at += s->marks[i++])
        s->fires[i] = (struct plan_fire){.pred = PLAN_NONE, .first = at};
    return 0;
}

/* The mark for that bit: added to the trigger's last one if it is in the same word. */
static void
mark(struct build *s, uint32_t trigger, uint32_t word, uint32_t bit)
{
    struct plan_fire *f = &s->fires[trigger];
    for (uint32_t i = f->n; i-- > 0 && i + PLAN_CLAUSES >= f->n;)
        if (s->places[f->first + i].word == word) {
            s->places[f->first + i].bits |= 1ull << bit;
            return;
        }
    s->places[f->first + f->n++] = (struct plan_mark){.word = word, .bits = 1ull << bit};
    s->g->nmarks++;
}

/* The marks without the places that were left free, since several were put into one. */
static int
close_up(struct build *s)
{
    struct plan_mark *marks = tcs_base_arena_array(s->b->rs->arena, s->g->nmarks, sizeof *marks);
    if (!marks)
        return no_memory(s->b);
    for (uint32_t i = 0, at = 0; i < s->g->ntriggers; at += s->fires[i++].n) {
        if (s->fires[i].n)
            memcpy(marks + at, s->places + s->fires[i].first, s->fires[i].n * sizeof *marks);
        s->fires[i].first = at;
    }
    s->g->marks = marks;
    return 0;
}

static int
columns(struct build *s)
{
    struct plan_group *g = s->g;
    g->words = (s->n + 63) / 64;
    uint64_t *start =
        tcs_base_arena_array(s->b->rs->arena, (size_t)g->words * g->columns, sizeof *start);
    if (!start)
        return no_memory(s->b);
    g->start = start;
    for (uint32_t m = 0; m < s->n; m++)
        for (uint32_t c = 0; c < g->columns; c++) {
            uint32_t word = c * g->words + m / 64;
            if (c >= s->work[m].nchosen) {
                start[word] |= 1ull << m % 64;
                continue;
            }
            const struct plan_clause *cl = &s->work[m].chosen[c].clause;
            for (uint32_t i = 0; i < cl->n; i++)
                mark(s, s->b->triggers[cl->triggers[i]].local, word, m % 64);
        }
    return close_up(s);
}

/* --- programs --------------------------------------------------------------------------------- */

/* If one look at the field tells whether the predicate is true, the program need not ask for more:
 * the trigger then sets it. */
static uint32_t
instr_pred(struct build *s, uint32_t pred)
{
    const struct plan_pred *p = &s->b->rs->preds[pred];
    if (!p->triggers_known || !p->exact || p->ntriggers != 1)
        return pred;
    const struct plan_trigger *t = &s->b->triggers[s->b->pred_triggers[p->trigger]];
    if (t->group != s->b->group_no)
        return pred;
    s->fires[t->local].pred = pred;
    return pred | PLAN_SCANNED;
}

/* Emits from the end, so that both targets of a test are known; returns where `ex` starts. */
static uint32_t
emit(struct build *s, const struct plan_ex *ex, uint32_t on_true, uint32_t on_false)
{
    uint32_t at;
    switch ((enum plan_op)ex->op) {
    case PLAN_EX_TRUE:
        return on_true;
    case PLAN_EX_FALSE:
        return on_false;
    case PLAN_EX_LIT:
        s->code[s->ncode] = (struct plan_instr){.pred = instr_pred(s, ex->n),
                                                .on_true = ex->neg ? on_false : on_true,
                                                .on_false = ex->neg ? on_true : on_false};
        return s->ncode++;
    case PLAN_EX_AND:
        at = on_true;
        for (uint32_t i = ex->n; i-- > 0;)
            at = emit(s, ex->kids[i], at, on_false);
        return at;
    case PLAN_EX_OR:
        at = on_false;
        for (uint32_t i = ex->n; i-- > 0;)
            at = emit(s, ex->kids[i], on_true, at);
        return at;
    }
    return on_false;
}

static bool
settled(const struct work *w, uint32_t part)
{
    for (uint32_t c = 0; c < w->nchosen; c++)
        if (w->chosen[c].part == part)
            return w->chosen[c].clause.exact;
    return false;
}

static uint32_t
size_of(const struct plan_ex *ex)
{
    uint32_t n = ex->op == PLAN_EX_LIT;
    if (ex->op == PLAN_EX_AND || ex->op == PLAN_EX_OR)
        for (uint32_t i = 0; i < ex->n; i++)
            n += size_of(ex->kids[i]);
    return n;
}

static int
programs(struct build *s)
{
    struct plan_group *g = s->g;
    uint32_t size = 0;
    for (uint32_t m = 0; m < s->n; m++)
        size += size_of(s->members[m].ex);
    s->code = tcs_base_arena_array(s->b->group_tmp, size, sizeof *s->code);
    g->entries = tcs_base_arena_array(s->b->rs->arena, s->n, sizeof *g->entries);
    if (!s->code || !g->entries)
        return no_memory(s->b);
    for (uint32_t m = 0; m < s->n; m++) {
        const struct plan_ex *one, *const *parts;
        uint32_t n = parts_of(s->members[m].ex, &parts, &one), start = PLAN_TRUE;
        for (uint32_t i = n; i-- > 0;)
            if (!settled(&s->work[m], i))
                start = emit(s, parts[i], start, PLAN_FALSE);
        const struct plan_unit *u = s->members[m].unit;
        g->entries[g->nentries++] = (struct plan_entry){
            .rule = u->rule, .start = start, .doubt = u->doubt, .view = u->view};
    }
    struct plan_instr *code = tcs_base_arena_array(s->b->rs->arena, s->ncode, sizeof *code);
    if (!code)
        return no_memory(s->b);
    if (s->ncode)
        memcpy(code, s->code, s->ncode * sizeof *code);
    g->code = code;
    g->ncode = s->ncode;
    return 0;
}

/* --- made fields ------------------------------------------------------------------------------ */

/* Those that the group's programs and triggers read. */
struct needs {
    struct plan_group *g;
    bool *seen;
    uint32_t *list;
};

static void
need_made(struct needs *x, uint32_t slot)
{
    if (slot < PLAN_SLOT_MADE || slot >= PLAN_SLOT_KEYWORD || x->seen[slot - PLAN_SLOT_MADE])
        return;
    x->seen[slot - PLAN_SLOT_MADE] = true;
    x->list[x->g->nmade++] = slot - PLAN_SLOT_MADE;
}

static void
need_pred(struct needs *x, const struct plan_pred *p)
{
    need_made(x, p->slot);
    if (p->kind == TCS_P_FIELDREF)
        need_made(x, p->slot2);
}

/* Whether a match is certain asks for fields that its program may leave out. */
static void
need_doubted(struct needs *x, const struct tcs_ruleset *rs, uint32_t doubt)
{
    const struct plan_doubt *d = &rs->doubts[doubt];
    const uint32_t *preds = rs->doubt_lists + d->preds, *slots = rs->doubt_lists + d->slots;
    for (uint32_t i = 0; preds + i < slots; i++)
        if (preds[i] != PLAN_NONE)
            need_pred(x, &rs->preds[preds[i]]);
}

static int
find_made(struct build *s)
{
    struct tcs_ruleset *rs = s->b->rs;
    struct plan_group *g = s->g;
    struct needs x = {g, tcs_base_arena_array(s->b->group_tmp, rs->nmade, sizeof *x.seen),
                      tcs_base_arena_array(rs->arena, rs->nmade, sizeof *x.list)};
    if (!x.seen || !x.list)
        return no_memory(s->b);
    g->made = x.list;
    for (uint32_t i = 0; i < g->ncode; i++)
        need_pred(&x, &rs->preds[g->code[i].pred & ~PLAN_SCANNED]);
    for (uint32_t i = 0; i < g->ntriggers; i++)
        need_made(&x, s->b->triggers[s->triggers[i]].slot);
    for (uint32_t i = 0; i < g->nentries; i++)
        if (g->entries[i].doubt != PLAN_NONE)
            need_doubted(&x, rs, g->entries[i].doubt);
    return 0;
}

int
sigma_plan_group(struct plan_build *b, const struct plan_member *members, uint32_t n,
                 struct plan_group **ret)
{
    struct build s = {.b = b, .members = members, .n = n};
    tcs_base_arena_reset(b->group_tmp);
    s.g = tcs_base_arena_zalloc(b->rs->arena, sizeof *s.g);
    s.work = tcs_base_arena_array(b->group_tmp, n, sizeof *s.work);
    if (!s.g || !s.work)
        return no_memory(b);
    int rc = 0;
    for (uint32_t m = 0; m < n && rc == 0 && !b->rs->no_prefilter; m++)
        rc = choose(&s, m);
    if (rc == 0)
        rc = number(&s);
    if (rc == 0)
        rc = columns(&s);
    if (rc == 0)
        rc = sigma_plan_fields(b, s.g, s.triggers, s.g->ntriggers);
    if (rc == 0)
        rc = programs(&s);
    if (rc == 0)
        rc = find_made(&s);
    if (s.g->ntriggers > b->rs->most_triggers)
        b->rs->most_triggers = s.g->ntriggers;
    if (s.g->words * s.g->columns > b->rs->most_words)
        b->rs->most_words = s.g->words * s.g->columns;
    *ret = s.g;
    return rc;
}
