/* report/chart.c - the picture of the chain as SVG: hosts as lanes, time to the right, links as
 * marks with the letter of their stage, the chosen chain as one line through them.
 *
 * No style here but classes (report/html.c has the sheet); no text without report_html or
 * report_label. */
#include "attack/level.h"
#include "report/report_int.h"

#include "base/invariant.h"
static void
open_title(struct tcs_buf *b)
{
    tcs_buf_lit(b, "<title>");
}

static void
draw_lanes(struct tcs_buf *b, const struct rp_chart *c)
{
    for (uint32_t i = 0; i < c->nlanes; i++) {
        const struct rp_lane *l = &c->lanes[i];
        int y = c->top + (int)i * c->row;
        tcs_base_buf_printf(b, "<rect class=\"ln%s\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                            i % 2 ? "" : " odd", y, c->width, c->row);
        tcs_base_buf_printf(b, "<path class=\"rail\" d=\"M%d %dH%d\"/>", c->left, l->y,
                            c->width - 4);
    }
}

/* After the lines that cross the lanes, so that names stay readable. */
static void
draw_names(struct tcs_buf *b, const struct rp_chart *c)
{
    for (uint32_t i = 0; i < c->nlanes; i++) {
        const struct rp_lane *l = &c->lanes[i];
        int y = c->top + (int)i * c->row;
        tcs_base_buf_printf(b, "<text class=\"host%s\" x=\"10\" y=\"%d\">",
                            l->start ? " start" : "", c->stacked ? y + 13 : l->y + 4);
        if (l->start)
            tcs_buf_lit(b, "\xe2\x96\xb6 ");
        int room = c->stacked ? c->width - 40 : c->left - 26;
        struct tcs_str name = l->rest     ? TCS_STR("further hosts")
                              : l->name.n ? l->name
                                          : TCS_STR("accounts, cloud");
        report_label(b, name, room);
        open_title(b);
        report_html(b, name, RP_NAME_MAX);
        tcs_buf_lit(b, ", ");
        report_count(b, l->links, "link", "links");
        tcs_base_buf_str(b, l->start ? TCS_STR("; the course began here") : TCS_STR(""));
        tcs_buf_lit(b, "</title></text>\n");
    }
}

static void
draw_tick(struct tcs_buf *b, const struct rp_chart *c, int64_t t, int x, int label_x)
{
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(t, 0, text);
    int y = c->top - RP_AXIS + 26;
    tcs_base_buf_printf(b, "<path class=\"tick\" d=\"M%d %dV%d\"/>", x, c->top - 6, c->height - 4);
    label_x += 4; /* clear of a line at the same time */
    if (s.n < 19)
        return;
    tcs_base_buf_printf(b, "<text class=\"time\" x=\"%d\" y=\"%d\">%.10s</text>", label_x, y - 12,
                        s.p);
    tcs_base_buf_printf(b, "<text class=\"time\" x=\"%d\" y=\"%d\">%.8s</text>\n", label_x, y + 1,
                        s.p + 11);
}

/* A time at the beginning of each stretch, and further ones where there is room. */
static void
draw_axis(struct tcs_buf *b, const struct rp_chart *c)
{
    enum { ROOM = RP_TICK + 12 };
    const struct rp_scale *s = &c->scale;
    uint32_t next_break = 0;
    int end = -ROOM;
    bool start = true;
    for (uint32_t i = 0; i < s->n; i++) {
        if (next_break < s->nbreaks &&
            s->x[i] >= s->breaks[next_break].x + s->breaks[next_break].width) {
            next_break++;
            start = true;
        }
        int limit = next_break < s->nbreaks ? s->breaks[next_break].x + s->breaks[next_break].width
                                            : c->width - 2;
        int at = s->x[i] + RP_TICK > c->width - 2 ? c->width - 2 - RP_TICK : s->x[i];
        if (at < end || (!start && at + ROOM > limit))
            continue;
        draw_tick(b, c, s->times[i], s->x[i], at);
        end = at + ROOM;
        start = false;
    }
}

static void
draw_breaks(struct tcs_buf *b, const struct rp_chart *c)
{
    for (uint32_t i = 0; i < c->scale.nbreaks; i++) {
        const struct rp_break *k = &c->scale.breaks[i];
        int mid = k->x + k->width / 2, y = c->top - 14;
        tcs_buf_lit(b, "<g class=\"cut\">");
        open_title(b);
        report_gap(b, k->gap, false);
        tcs_buf_lit(b, " without anything, left out</title>");
        tcs_base_buf_printf(b, "<rect x=\"%d\" y=\"%d\" width=\"16\" height=\"%d\"/>", mid - 8,
                            c->top, c->height - c->top - 6);
        for (int side = -8; side <= 8; side += 16) {
            tcs_base_buf_printf(b, "<path d=\"M%d %d", mid + side, c->top);
            for (int at = c->top; at + 12 < c->height; at += 12)
                tcs_base_buf_str(b, (at - c->top) / 12 % 2 ? TCS_STR("l-5 12") : TCS_STR("l5 12"));
            tcs_buf_lit(b, "\"/>");
        }
        tcs_base_buf_printf(b, "<text x=\"%d\" y=\"%d\">", mid, y + 10);
        report_gap(b, k->gap, true);
        tcs_buf_lit(b, "</text></g>\n");
    }
}

static void
draw_flags(struct tcs_buf *b, const struct rp_chart *c)
{
    for (uint32_t i = 0; i < c->nflags; i++) {
        const struct rp_flag *f = &c->flags[i];
        const struct tcs_transition *t = &c->in->transitions[f->transition];
        uint8_t state = t->state < TCS_STATES ? t->state : 0;
        const char *name = report_state_word(state);
        int y = 2 + (f->row < 0 ? c->flag_rows : f->row) * RP_FLAG_ROW;
        tcs_base_buf_printf(b, "<g class=\"flag s%u\">", state);
        open_title(b);
        tcs_base_buf_str(b, tcs_base_str_of(name));
        tcs_buf_lit(b, ", ");
        report_time(b, t->time);
        tcs_buf_lit(b, ": ");
        report_html(b, t->why, RP_TEXT_MAX);
        tcs_base_buf_printf(b, "</title><path d=\"M%d %dV%d\"/>", f->x, y, c->height - 4);
        if (f->row >= 0) {
            int w = report_label_width(tcs_base_str_of(name)) + 14;
            tcs_base_buf_printf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"15\" rx=\"2\"/>",
                                f->label_x, y, w);
            tcs_base_buf_printf(b, "<text x=\"%d\" y=\"%d\">%s</text>", f->label_x + 7, y + 11,
                                name);
        }
        tcs_buf_lit(b, "</g>\n");
    }
}

/* From one lane to another, a little before the time, into it. */
static void
draw_arrows(struct tcs_buf *b, const struct rp_chart *c)
{
    static const char *const strengths[] = {"weak", "medium", "strong"};
    TCS_ROW_FOR_EACH(strengths, TCS_JOIN_STRONG + 1);
    for (uint32_t i = 0; i < c->narrows; i++) {
        const struct rp_arrow *r = &c->arrows[i];
        const struct tcs_join *j = &c->in->joins[r->join];
        int y0 = c->lanes[r->from].y, y1 = c->lanes[r->to].y, x1 = r->x - 15;
        int x0 = x1 - 16 < c->left ? c->left : x1 - 16;
        uint8_t strength = j->strength <= TCS_JOIN_STRONG ? j->strength : TCS_JOIN_WEAK;
        tcs_base_buf_printf(b, "<g class=\"arrow %s\">", strengths[strength]);
        open_title(b);
        report_html(b, j->from_host, RP_NAME_MAX);
        tcs_buf_lit(b, " \xe2\x86\x92 ");
        report_html(b, j->to_host, RP_NAME_MAX);
        tcs_buf_lit(b, ", ");
        report_time(b, j->time);
        tcs_buf_lit(b, ": ");
        report_html(b, j->reason, RP_TEXT_MAX);
        if (r->count > 1)
            tcs_base_buf_printf(b, " (and %u more)", r->count - 1);
        tcs_base_buf_printf(b, "</title><path d=\"M%d %dC%d %d %d %d %d %d\"/>", x0, y0, x0 - 10,
                            (y0 + 3 * y1) / 4, x0, y1, x1, y1);
        tcs_base_buf_printf(
            b,
            "<circle cx=\"%d\" cy=\"%d\" r=\"2.5\"/><path class=\"head\" d=\"M%d %dl-7 "
            "-4v8z\"/></g>\n",
            x0, y0, x1 + 2, y1);
    }
}

/* One line through the marks of the chosen chain, in its order. */
static void
draw_chain(struct tcs_buf *b, const struct rp_chart *c)
{
    uint32_t last = UINT32_MAX;
    int x0 = 0, y0 = 0;
    bool open = false;
    for (uint32_t i = 0; i < c->in->nlinks; i++) {
        uint32_t mark = c->mark_of[i];
        if (!c->in->links[i].chosen || mark == last)
            continue;
        int x = report_mark_x(&c->marks[mark]), y = c->lanes[c->marks[mark].lane].y;
        if (!open)
            tcs_base_buf_printf(b, "<path class=\"chain\" d=\"M%d %d", x, y);
        else
            tcs_base_buf_printf(b, "C%d %d %d %d %d %d", (x0 + x) / 2, y0, (x0 + x) / 2, y, x, y);
        open = true;
        last = mark;
        x0 = x;
        y0 = y;
    }
    if (open)
        tcs_buf_lit(b, "\"/>\n");
}

static void
mark_title(struct tcs_buf *b, const struct rp_chart *c, const struct rp_mark *m)
{
    const struct tcs_link *l = &c->in->links[m->first];
    open_title(b);
    if (m->step == m->last_step && m->step)
        tcs_base_buf_printf(b, "step %u: ", m->step);
    else if (m->step)
        tcs_base_buf_printf(b, "steps %u to %u: ", m->step, m->last_step);
    report_html(b, l->title, RP_NAME_MAX);
    if (m->links > 1)
        tcs_base_buf_printf(b, " and %u more", m->links - 1);
    tcs_buf_lit(b, "; stage ");
    tcs_base_buf_c(b, report_stage_letter(m->stage));
    tcs_base_buf_c(b, ' ');
    tcs_base_buf_str(b, tcs_base_str_of(tcs_attack_stage_name(m->stage)));
    tcs_buf_lit(b, ", level ");
    tcs_base_buf_str(b, tcs_base_str_of(tcs_attack_level_name(m->level)));
    tcs_buf_lit(b, ", ");
    report_time(b, l->time);
    if (l->account.n) {
        tcs_buf_lit(b, ", ");
        report_html(b, l->account, RP_NAME_MAX);
    }
    tcs_buf_lit(b, "</title>");
}

static void
draw_marks(struct tcs_buf *b, const struct rp_chart *c)
{
    static const int height[] = {8, 8, 8, 10, 12, 14}; /* by level */
    TCS_ROW_FOR_EACH(height, TCS_CRITICAL + 1);
    for (uint32_t i = 0; i < c->nmarks; i++) {
        const struct rp_mark *m = &c->marks[i];
        int y = c->lanes[m->lane].y, h = height[m->level], x = report_mark_x(m);
        tcs_base_buf_printf(b, "<g class=\"mark t%c%s\" data-links=\"%u\">",
                            m->stage == TCS_STAGE_NONE ? '0' : report_stage_letter(m->stage),
                            m->step ? " on" : "", m->links);
        mark_title(b, c, m);
        if (m->step)
            tcs_base_buf_printf(b,
                                "<rect class=\"ring\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                                "rx=\"%d\"/>",
                                m->left - 3, y - h - 3, 2 * m->half + 6, 2 * h + 6, h + 3);
        tcs_base_buf_printf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>",
                            m->left, y - h, 2 * m->half, 2 * h, h);
        tcs_base_buf_printf(b, "<text x=\"%d\" y=\"%d\">%c", x, y + 4,
                            report_stage_letter(m->stage));
        if (m->links > 1)
            tcs_base_buf_printf(b, " \xc3\x97%u", m->links);
        tcs_buf_lit(b, "</text></g>\n");
    }
}

static void
draw_labels(struct tcs_buf *b, const struct rp_chart *c)
{
    for (uint32_t i = 0; i < c->nlabels; i++) {
        const struct rp_label_place *p = &c->labels[i];
        const struct rp_mark *m = &c->marks[p->mark];
        struct tcs_buf number = {0};
        tcs_base_buf_u64(&number, m->step);
        if (m->last_step > m->step)
            tcs_base_buf_printf(&number, "\xe2\x80\x93%u", m->last_step);
        int room = p->width - report_label_width(tcs_base_buf_view(&number)) - 6;
        tcs_base_buf_printf(b, "<text class=\"step%s\" x=\"%d\" y=\"%d\"><tspan class=\"no\">",
                            p->end ? " end" : "", p->end ? p->x + p->width : p->x, p->y);
        tcs_base_buf_str(b, tcs_base_buf_view(&number));
        tcs_buf_lit(b, "</tspan>");
        if (room > 40) {
            tcs_base_buf_c(b, ' ');
            report_label(b, c->in->links[m->first].title, room);
        }
        tcs_buf_lit(b, "</text>\n");
        b->failed |= number.failed;
        tcs_base_buf_done(&number);
    }
}

void
report_chart_draw(struct tcs_buf *b, const struct rp_chart *c)
{
    enum { MANY = 12 }; /* arrows; more are drawn lightly */
    const struct tcs_incident *in = c->in;
    tcs_base_buf_printf(b,
                        "<svg class=\"pic %s%s\" viewBox=\"0 0 %d %d\" role=\"img\" "
                        "aria-labelledby=\"%s-t %s-d\" xmlns=\"http://www.w3.org/2000/svg\">\n",
                        c->name, c->narrows > MANY ? " many" : "", c->width, c->height, c->name,
                        c->name);
    tcs_base_buf_printf(b,
                        "<title id=\"%s-t\">The chain by host and time</title><desc id=\"%s-d\">",
                        c->name, c->name);
    report_count(b, in->nlinks, "link", "links");
    tcs_buf_lit(b, " on ");
    report_count(b, c->nlanes, "lane", "lanes");
    tcs_buf_lit(b, ", from ");
    report_time(b, in->first);
    tcs_buf_lit(b, " to ");
    report_time(b, in->last);
    tcs_buf_lit(b, ". The numbered steps below say the same in words.</desc>\n");
    draw_lanes(b, c);
    draw_axis(b, c);
    draw_breaks(b, c);
    draw_flags(b, c);
    draw_names(b, c);
    draw_arrows(b, c);
    draw_chain(b, c);
    draw_marks(b, c);
    draw_labels(b, c);
    tcs_buf_lit(b, "</svg>\n");
}
