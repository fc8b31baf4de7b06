/* report/navigator.c - one incident as a layer of the ATT&CK Navigator, layer format 4.5.
 *
 * The numbers are those of ATT&CK v19, into which older ones are translated, so that one technique
 * is one cell.  Score: the highest level of its links, 1 to 5; colour: the stage furthest along. */
#include "report/report_int.h"

#include "attack/attack.h"
#include "attack/level.h"
#include "base/json_out.h"

struct cell {
    struct tcs_str id; /* v19 */
    uint8_t level, stage;
    uint32_t links;
    uint64_t count;
};

static struct cell *
cell_of(struct cell *cells, uint32_t *n, struct tcs_str technique)
{
    struct tcs_str id = tcs_attack_v19(technique);
    if (!tcs_attack_well_formed(id))
        return NULL;
    for (uint32_t i = 0; i < *n; i++)
        if (tcs_base_str_eq(cells[i].id, id))
            return &cells[i];
    cells[*n] = (struct cell){.id = id};
    return &cells[(*n)++];
}

/* What links say, then techniques of the incident that no kept link has. */
static struct cell *
collect(struct tcs_arena *a, const struct tcs_incident *in, uint32_t *n)
{
    size_t most = in->ntechniques;
    for (uint32_t i = 0; i < in->nlinks; i++)
        most += in->links[i].ntechniques;
    struct cell *cells = a ? tcs_base_arena_array(a, most + 1, sizeof *cells) : NULL;
    *n = 0;
    for (uint32_t i = 0; cells && i < in->nlinks; i++) {
        const struct tcs_link *l = &in->links[i];
        for (uint32_t k = 0; k < l->ntechniques; k++) {
            struct cell *c = cell_of(cells, n, l->techniques[k]);
            if (!c)
                continue;
            uint8_t level = report_level_clamp(l->level);
            c->level = level > c->level ? level : c->level;
            c->stage = l->stage > c->stage && l->stage < TCS_STAGES ? l->stage : c->stage;
            c->links++;
            c->count += l->count;
        }
    }
    for (uint32_t i = 0; cells && i < in->ntechniques; i++) {
        struct cell *c = cell_of(cells, n, in->techniques[i]);
        if (c && c->stage == TCS_STAGE_NONE)
            c->stage = tcs_attack_stage(c->id);
    }
    return cells;
}

static bool
has(const struct tcs_link *l, struct tcs_str id)
{
    for (uint32_t i = 0; i < l->ntechniques; i++)
        if (tcs_base_str_eq(tcs_attack_v19(l->techniques[i]), id))
            return true;
    return false;
}

/* The first few links with where they were found; the rest as a number. */
static void
put_comment(struct tcs_jo *j, const struct tcs_incident *in, const struct cell *c)
{
    enum { LISTED = 5 };
    struct tcs_buf text = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < in->nlinks && n < LISTED; i++) {
        const struct tcs_link *l = &in->links[i];
        if (!has(l, c->id))
            continue;
        if (n++)
            tcs_buf_lit(&text, "\n");
        report_time(&text, l->time);
        tcs_buf_lit(&text, ": ");
        report_visible(&text, l->title, RP_NAME_MAX);
        if (l->host.n) {
            tcs_buf_lit(&text, ", ");
            report_visible(&text, l->host, RP_NAME_MAX);
        }
        if (l->evidence.file.n) {
            struct tcs_buf e = {0};
            report_evidence(&e, &l->evidence);
            tcs_buf_lit(&text, " (");
            report_visible(&text, tcs_base_buf_view(&e), RP_NAME_MAX);
            tcs_base_buf_c(&text, ')');
            text.failed |= e.failed;
            tcs_base_buf_done(&e);
        }
    }
    if (c->links > n)
        tcs_base_buf_printf(&text, "\nand %u more", c->links - n);
    tcs_base_jo_str_if(j, "comment", tcs_base_buf_view(&text));
    j->b->failed |= text.failed;
    tcs_base_buf_done(&text);
}

static void
put_pair(struct tcs_jo *j, const char *name, struct tcs_str value)
{
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_str(j, "name", tcs_base_str_of(name));
    tcs_base_jo_str(j, "value", value);
    tcs_base_jo_close(j, '}');
}

static void
put_technique(struct tcs_jo *j, const struct tcs_incident *in, const struct cell *c)
{
    tcs_base_jo_open(j, NULL, '{');
    tcs_base_jo_str(j, "techniqueID", c->id);
    tcs_base_jo_u64(j, "score", c->level);
    tcs_base_jo_str(j, "color", tcs_base_str_of(report_stage_colour(c->stage)));
    put_comment(j, in, c);
    tcs_base_jo_bool(j, "enabled", true);
    tcs_base_jo_open(j, "metadata", '[');
    if (c->stage)
        put_pair(j, "stage", tcs_base_str_of(tcs_attack_stage_name(c->stage)));
    if (c->level)
        put_pair(j, "level", tcs_base_str_of(tcs_attack_level_name(c->level)));
    tcs_base_jo_close(j, ']');
    tcs_base_jo_bool(j, "showSubtechniques", c->id.n > 5);
    tcs_base_jo_close(j, '}');
}

static void
put_legend(struct tcs_jo *j)
{
    tcs_base_jo_open(j, "legendItems", '[');
    for (uint8_t s = TCS_STAGE_ACCOUNT; s < TCS_STAGES; s++) {
        struct tcs_buf label = {0};
        tcs_base_buf_printf(&label, "%c %s", report_stage_letter(s), tcs_attack_stage_name(s));
        tcs_base_jo_open(j, NULL, '{');
        tcs_base_jo_str(j, "label", tcs_base_buf_view(&label));
        tcs_base_jo_str(j, "color", tcs_base_str_of(report_stage_colour(s)));
        tcs_base_jo_close(j, '}');
        j->b->failed |= label.failed;
        tcs_base_buf_done(&label);
    }
    tcs_base_jo_close(j, ']');
}

static void
put_frame(struct tcs_jo *j, const struct tcs_incident *in)
{
    struct tcs_buf name = {0};
    tcs_buf_lit(&name, "incident ");
    tcs_base_buf_str(&name, tcs_base_str_slice(tcs_base_str_of(in->id), 0, 8));
    tcs_base_jo_str(j, "name", tcs_base_buf_view(&name));
    j->b->failed |= name.failed;
    tcs_base_buf_done(&name);
    tcs_base_jo_open(j, "versions", '{');
    tcs_base_jo_str(j, "attack", TCS_STR("19"));
    tcs_base_jo_str(j, "navigator", TCS_STR("5.1.0"));
    tcs_base_jo_str(j, "layer", TCS_STR("4.5"));
    tcs_base_jo_close(j, '}');
    tcs_base_jo_str(j, "domain", TCS_STR("enterprise-attack"));
    struct tcs_buf text = {0};
    report_visible(&text, in->summary, RP_TEXT_MAX);
    tcs_base_jo_str(j, "description", tcs_base_buf_view(&text));
    j->b->failed |= text.failed;
    tcs_base_buf_done(&text);
    tcs_base_jo_u64(j, "sorting", 3);
    tcs_base_jo_bool(j, "hideDisabled", false);
}

void
report_write_navigator(struct tcs_buf *b, const struct tcs_incident *in)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_jo j = {.b = b};
    uint32_t n;
    struct cell *cells = collect(a, in, &n);
    b->failed |= !cells;
    tcs_base_jo_open(&j, NULL, '{');
    put_frame(&j, in);
    tcs_base_jo_open(&j, "techniques", '[');
    for (uint32_t i = 0; cells && i < n; i++)
        put_technique(&j, in, &cells[i]);
    tcs_base_jo_close(&j, ']');
    tcs_base_jo_open(&j, "gradient", '{');
    tcs_base_jo_open(&j, "colors", '[');
    tcs_base_jo_str(&j, NULL, TCS_STR("#ffffff"));
    tcs_base_jo_str(&j, NULL, TCS_STR("#b3202c"));
    tcs_base_jo_close(&j, ']');
    tcs_base_jo_u64(&j, "minValue", 0);
    tcs_base_jo_u64(&j, "maxValue", TCS_CRITICAL);
    tcs_base_jo_close(&j, '}');
    put_legend(&j);
    tcs_base_jo_bool(&j, "showTacticRowBackground", false);
    tcs_base_jo_bool(&j, "selectTechniquesAcrossTactics", true);
    tcs_base_jo_bool(&j, "selectSubtechniquesWithParent", false);
    tcs_base_jo_close(&j, '}');
    tcs_base_buf_c(b, '\n');
    tcs_base_arena_free(a);
}
