/* report/layout.c - where everything of the picture stands: lanes, marks, labels that do not meet.
 *
 * In: an incident and a width.  Out: whole pixels, the same for the same incident.  Marks that
 * would lie on each other become one with a number.  Labels are tried in few places and left out
 * where none is free: the numbered steps below the picture say everything again. */
#include "report/report_int.h"

#include "base/invariant.h"
#include "sigma/ast.h"

enum {
    NARROW = 500, /* names above the lanes */
    FEW = 8,
    SOME = 16,
    MARGIN = 10,
    NAME_MAX = 210,
    NAME_PAD = 26,
    SPACE = 3, /* between marks */
    LINE_ABOVE = 11,
    LINE_BELOW = 4, /* of a label around its base line */
    LABEL_FULL = 300,
    LABEL_HALF = 150,
    LABEL_SHORT = 84,
    DIGIT = 8,
    NAME_LINE = 13, /* base line of a lane's name above it */
};

static const int radius[] = {8, 8, 8, 10, 12, 14}; /* by level */
TCS_ROW_FOR_EACH(radius, TCS_CRITICAL + 1);

static void
size_rows(struct rp_chart *c)
{
    int name = c->stacked ? 16 : 0;
    c->row = c->nlanes <= FEW ? 62 : c->nlanes <= SOME ? 50 : 32;
    c->row += c->nlanes > SOME || !c->stacked ? name : name - 8;
}

/* Room for names on the left, as much as the longest needs. */
static void
size_columns(struct rp_chart *c)
{
    int widest = 0;
    for (uint32_t i = 0; i < c->nlanes; i++) {
        int w = report_label_width(c->lanes[i].name);
        if (c->lanes[i].name.n == 0)
            w = report_label_width(TCS_STR("accounts, cloud"));
        widest = w > widest ? w : widest;
    }
    widest = widest > NAME_MAX ? NAME_MAX : widest;
    c->left = c->stacked ? MARGIN + 6 : MARGIN + widest + NAME_PAD;
    c->right = c->width - (c->stacked ? 44 : 30);
}

static bool
make_scale(struct tcs_arena *a, struct rp_chart *c)
{
    const struct tcs_incident *in = c->in;
    struct rp_scale_want want = {
        .left = c->left + 12, .right = c->right, .segment = c->stacked ? 30 : 76, .gap = 48};
    size_t most = (size_t)in->nlinks + in->ntransitions + in->njoins;
    int64_t *times = tcs_base_arena_array(a, most + 1, sizeof *times);
    uint32_t n = 0;
    if (!times)
        return false;
    for (uint32_t i = 0; i < in->nlinks; i++)
        times[n++] = in->links[i].time;
    for (uint32_t i = 0; i < in->ntransitions; i++)
        times[n++] = in->transitions[i].time;
    for (uint32_t i = 0; i < in->njoins; i++)
        if (in->joins[i].kind == TCS_JOINED && in->joins[i].from_host.n && in->joins[i].to_host.n)
            times[n++] = in->joins[i].time;
    return report_scale(a, times, n, &want, &c->scale);
}

static int
pill_half(const struct rp_mark *m)
{
    int digits = 1;
    for (uint32_t n = m->links; n >= 10; n /= 10)
        digits++;
    return (DIGIT * (digits + 3) + 8) / 2; /* "E x12" */
}

static void
add_link(struct rp_mark *m, const struct tcs_link *l, uint32_t i, uint32_t step)
{
    if (!m->links || (step && !m->step))
        m->first = i;
    m->links++;
    m->count += l->count;
    m->stage = l->stage > m->stage ? l->stage : m->stage;
    m->level = report_level_clamp(l->level) > m->level ? report_level_clamp(l->level) : m->level;
    m->step = m->step ? m->step : step;
    m->last_step = step ? step : m->last_step;
}

/* Links are in the order of time, so within a lane marks grow from left to right. */
static bool
make_marks(struct tcs_arena *a, struct rp_chart *c)
{
    const struct tcs_incident *in = c->in;
    uint32_t *last = tcs_base_arena_array(a, c->nlanes + 1, sizeof *last); /* of the lane, plus 1 */
    uint32_t steps = 0;
    c->marks = tcs_base_arena_array(a, in->nlinks + 1, sizeof *c->marks);
    c->mark_of = tcs_base_arena_array(a, in->nlinks + 1, sizeof *c->mark_of);
    if (!last || !c->marks || !c->mark_of)
        return false;
    for (uint32_t i = 0; i < in->nlinks; i++) {
        const struct tcs_link *l = &in->links[i];
        uint32_t lane = c->lane_of[i], step = l->chosen ? ++steps : 0;
        int x = report_scale_x(&c->scale, l->time), r = radius[report_level_clamp(l->level)];
        struct rp_mark *m = last[lane] ? &c->marks[last[lane] - 1] : NULL;
        if (m && x - r < m->left + 2 * m->half + SPACE) {
            add_link(m, l, i, step);
            m->half = pill_half(m);
        } else {
            m = &c->marks[c->nmarks++];
            last[lane] = c->nmarks;
            *m = (struct rp_mark){.lane = lane, .left = x - r, .half = r};
            add_link(m, l, i, step);
        }
        c->mark_of[i] = (uint32_t)(m - c->marks);
    }
    /* a pill at the end may have grown over the edge */
    for (uint32_t i = 0; i < c->nmarks; i++)
        if (c->marks[i].left + 2 * c->marks[i].half > c->width - 2)
            c->marks[i].left = c->width - 2 - 2 * c->marks[i].half;
    return true;
}

static bool
meets(int ax, int aw, int bx, int bw)
{
    return ax < bx + bw + SPACE && bx < ax + aw + SPACE;
}

static bool
is_free(const struct rp_chart *c, const struct rp_label_place *p)
{
    for (uint32_t i = 0; i < c->nlabels; i++) {
        const struct rp_label_place *q = &c->labels[i];
        int apart = p->y > q->y ? p->y - q->y : q->y - p->y;
        if (apart < LINE_ABOVE + LINE_BELOW && meets(p->x, p->width, q->x, q->width))
            return false;
    }
    for (uint32_t i = 0; c->stacked && i < c->nlanes; i++) { /* names of lanes */
        int apart = p->y - (c->top + (int)i * c->row + NAME_LINE);
        int room = report_label_width(c->lanes[i].name) + (c->lanes[i].start ? 2 * DIGIT : 0);
        if (apart < LINE_ABOVE + LINE_BELOW && -apart < LINE_ABOVE + LINE_BELOW &&
            meets(p->x, p->width, MARGIN, room > NAME_MAX ? c->width : room))
            return false;
    }
    for (uint32_t i = 0; i < c->nmarks; i++) {
        const struct rp_mark *m = &c->marks[i];
        int y = c->lanes[m->lane].y, r = radius[m->level];
        if (p->y - LINE_ABOVE < y + r && y - r < p->y + LINE_BELOW &&
            meets(p->x, p->width, m->left, 2 * m->half))
            return false;
    }
    return p->x >= c->left - 8 && p->x + p->width <= c->width - 2;
}

/* Above the mark, then to its right, then to its left; whole, shortened, only the number. */
static void
place_label(struct rp_chart *c, uint32_t mark)
{
    const struct rp_mark *m = &c->marks[mark];
    int y = c->lanes[m->lane].y, r = radius[m->level];
    int title = report_label_width(c->in->links[m->first].title) + 4 * DIGIT;
    const int widths[] = {LABEL_FULL, LABEL_HALF, LABEL_SHORT, 3 * DIGIT};
    bool tall = c->row >= 50 || (c->stacked && c->row >= 56);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        int w = title < widths[i] ? title : widths[i];
        const struct rp_label_place tries[] = {
            {m->left, y - r - LINE_BELOW - 1, w, mark, false},
            {m->left + 2 * m->half - w, y - r - LINE_BELOW - 1, w, mark, true},
            {m->left + 2 * m->half + 5, y + LINE_BELOW, w, mark, false},
            {m->left - 5 - w, y + LINE_BELOW, w, mark, true},
        };
        bool only_number = i + 1 == sizeof widths / sizeof *widths;
        for (size_t k = tall || only_number ? 0 : 2; k < sizeof tries / sizeof *tries; k++)
            if (is_free(c, &tries[k])) {
                c->labels[c->nlabels++] = tries[k];
                return;
            }
    }
}

static bool
make_labels(struct tcs_arena *a, struct rp_chart *c)
{
    c->labels = tcs_base_arena_array(a, c->nmarks + 1, sizeof *c->labels);
    if (!c->labels)
        return false;
    for (uint32_t i = 0; i < c->nmarks; i++)
        if (c->marks[i].step)
            place_label(c, i);
    return true;
}

/* First fit into rows above the axis. */
static bool
make_flags(struct tcs_arena *a, struct rp_chart *c)
{
    enum { ROWS = 5 };
    const struct tcs_incident *in = c->in;
    c->flags = tcs_base_arena_array(a, in->ntransitions + 1, sizeof *c->flags);
    if (!c->flags)
        return false;
    for (uint32_t i = 0; i < in->ntransitions; i++) {
        const char *name = report_state_word(in->transitions[i].state);
        int w = report_label_width(tcs_base_str_of(name)) + 16, row = 0;
        int x = report_scale_x(&c->scale, in->transitions[i].time);
        int at = x + w > c->width - 2 ? c->width - 2 - w : x;
        for (uint32_t k = 0; k < c->nflags && row < ROWS; k++) {
            const struct rp_flag *f = &c->flags[k];
            int fw = report_label_width(
                tcs_base_str_of(report_state_word(in->transitions[f->transition].state)));
            if (f->row == row && meets(at, w, f->label_x, fw + 16)) {
                row++;
                k = UINT32_MAX; /* again, with all */
            }
        }
        row = row < ROWS ? row : -1;
        c->flags[c->nflags++] = (struct rp_flag){x, at, row, i};
        c->flag_rows = row + 1 > c->flag_rows ? row + 1 : c->flag_rows;
    }
    return true;
}

bool
report_chart_layout(struct tcs_arena *a, const struct tcs_incident *in, int width,
                    struct rp_chart *ret)
{
    struct rp_chart *c = ret;
    *c = (struct rp_chart){.in = in, .width = width, .stacked = width < NARROW};
    if (!report_chart_lanes(a, c))
        return false;
    size_rows(c);
    size_columns(c);
    if (!make_scale(a, c) || !make_flags(a, c) || !make_marks(a, c))
        return false;
    c->top = 4 + c->flag_rows * RP_FLAG_ROW + RP_AXIS;
    for (uint32_t i = 0; i < c->nlanes; i++)
        c->lanes[i].y = c->top + (int)i * c->row + c->row - (c->nlanes <= SOME ? 20 : 16);
    c->height = c->top + (int)c->nlanes * c->row + 6;
    return report_chart_arrows(a, c) && make_labels(a, c);
}
