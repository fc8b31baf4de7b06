/* report/report_int.h - what the formats share: foreign text made harmless, times for people, the
 * picture of the chain.  Private to report/. */
#pragma once
#include "base/arena.h"
#include "base/time.h"
#include "report/report.h"

/* What is shown of one text; what is cut is said by its number of bytes. */
enum { RP_NAME_MAX = 200, RP_TEXT_MAX = 1000, RP_LABEL_MAX = 60 };

/* --- escape.c --- */

/* The text with everything that steers a reader's device made visible (controls, text direction,
 * invisible characters), malformed UTF-8 replaced, at most `max` characters.  No markup escaped. */
void report_visible(struct tcs_buf *b, struct tcs_str s, size_t max);
/* The same, escaped for HTML, SVG and their attributes in double quotes. */
void report_html(struct tcs_buf *b, struct tcs_str s, size_t max);
/* The same for GitHub-flavoured Markdown: as running text; as code, which nothing is read into. */
void report_md(struct tcs_buf *b, struct tcs_str s, size_t max);
void report_md_code(struct tcs_buf *b, struct tcs_str s, size_t max);
/* One quoted field of RFC 4180 that no spreadsheet takes for a formula. */
void report_csv(struct tcs_buf *b, struct tcs_str s, size_t max);
/* At most `px` wide at a size of 11 px, cut with an ellipsis; HTML-escaped.  Returns the width. */
int report_label(struct tcs_buf *b, struct tcs_str s, int px);
/* How wide a text is at most at a size of 11 px, in any usual sans-serif. */
int report_label_width(struct tcs_str s);

/* --- words.c --- */

void report_time(struct tcs_buf *b, int64_t t);      /* "2026-04-20 10:00:35 UTC", or "no time" */
void report_time_bare(struct tcs_buf *b, int64_t t); /* the same without UTC */
void report_stamp(struct tcs_buf *b, int64_t t);     /* RFC 3339 with three digits; epoch if none */
/* "54 s", "12 min", "11 months"; brief: "11 mo". */
void report_gap(struct tcs_buf *b, int64_t ticks, bool brief);
/* The difference of two times without overflow; 0 if one is none or it is negative. */
int64_t report_between(int64_t from, int64_t to);
char report_stage_letter(uint8_t stage);      /* A..E, '-' for none */
const char *report_state_word(uint8_t state); /* never empty */
const char *report_state_says(uint8_t state);
uint8_t report_level_clamp(uint8_t level);
void report_count(struct tcs_buf *b, uint64_t n, const char *one, const char *many);
/* "windows/Security.evtx, record 4711, event 4624": as the record is found again. */
void report_evidence(struct tcs_buf *b, const struct tcs_evidence *e);
/* Colour of a stage and level as formats without style sheets have it. */
const char *report_stage_colour(uint8_t stage);

/* --- scale.c: from times to places, long silences cut out --- */

struct rp_break {
    int x, width; /* where the cut is shown */
    int64_t gap;  /* ticks left out */
};

struct rp_scale {
    const int64_t *times; /* ascending, each once */
    int *x;               /* place of each */
    uint32_t n;
    struct rp_break *breaks;
    uint32_t nbreaks;
};

struct rp_scale_want {
    int left, right;  /* of the room */
    int segment, gap; /* least width of a stretch; width of a cut */
};

/* False: no memory.  `times` need be neither sorted nor distinct; TCS_TIME_NONE is left out. */
bool report_scale(struct tcs_arena *a, const int64_t *times, uint32_t n,
                  const struct rp_scale_want *want, struct rp_scale *ret);
/* The place of a time that was among them; others: of the nearest before. */
int report_scale_x(const struct rp_scale *s, int64_t t);

/* --- layout.c: lanes, marks, labels; chart.c: drawn --- */

enum { RP_LANES_MAX = 64, RP_ARROWS_MAX = 512 };

struct rp_lane {
    struct tcs_str name; /* empty: accounts and cloud, or the rest */
    uint32_t links;
    int y; /* of the marks' middle */
    bool rest, start;
};

/* One link, or several of one lane that would lie on each other. */
struct rp_mark {
    uint32_t lane, first,
        links;                /* first: index of the link that names it: of the chain, if any is */
    uint32_t step, last_step; /* numbers in the chosen chain; 0: none */
    uint64_t count;           /* detections behind it */
    int left, half;           /* left edge, half of the width */
    uint8_t stage, level;     /* the highest */
};

struct rp_label_place {
    int x, y, width; /* left end, base line; width it may take */
    uint32_t mark;
    bool end; /* the text ends at x + width */
};

/* A change of state: a line through all lanes, with its name in one of the rows above. */
struct rp_flag {
    int x, label_x, row; /* row -1: no room for the name */
    uint32_t transition;
};

struct rp_arrow {
    uint32_t from, to, join, count;
    int x;
};

struct rp_chart {
    const struct tcs_incident *in;
    const char *name; /* unique in the page */
    int width, height, left, top, right;
    bool stacked; /* names above the lanes, for narrow pages */
    struct rp_scale scale;
    struct rp_lane *lanes;
    struct rp_mark *marks;
    struct rp_label_place *labels;
    struct rp_arrow *arrows;
    struct rp_flag *flags;
    uint32_t *lane_of; /* of each link */
    uint32_t *mark_of; /* of each link */
    uint32_t nlanes, nmarks, nlabels, narrows, nflags, more_arrows;
    int row, flag_rows;
};

/* False: no memory. */
enum { RP_FLAG_ROW = 16, RP_AXIS = 46, RP_TICK = 70 };

bool report_chart_layout(struct tcs_arena *a, const struct tcs_incident *in, int width,
                         struct rp_chart *ret);
static inline int
report_mark_x(const struct rp_mark *m)
{
    return m->left + m->half;
}
/* lanes.c: the lanes, which lane each link has, and arrows between lanes.  False: no memory. */
bool report_chart_lanes(struct tcs_arena *a, struct rp_chart *c);
bool report_chart_arrows(struct tcs_arena *a, struct rp_chart *c);
void report_chart_draw(struct tcs_buf *b, const struct rp_chart *c);

/* --- html_parts.c --- */

void report_html_header(struct tcs_buf *b, const struct tcs_incident *in);
/* Everything below the picture, footer included. */
void report_html_sections(struct tcs_buf *b, const struct tcs_incident *in);
void report_html_badge(struct tcs_buf *b, uint8_t stage);

/* --- formats --- */

void report_write_html(struct tcs_buf *b, const struct tcs_incident *in);
void report_write_md(struct tcs_buf *b, const struct tcs_incident *in);
void report_write_navigator(struct tcs_buf *b, const struct tcs_incident *in);
void report_write_timesketch(struct tcs_buf *b, const struct tcs_incident *in);
void report_write_stix(struct tcs_buf *b, const struct tcs_incident *in);
