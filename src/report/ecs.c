/* report/ecs.c - findings as nested JSON objects.
 *
 * In: rule, event, match.  Out: one line, the same bytes for the same input.  Every text goes
 * through tcs_base_buf_json, so malformed UTF-8 from a log cannot break a line. */
#include "report/ecs.h"

#include "attack/level.h"
#include "attack/tags.h"
#include "base/time.h"
#include "event/same.h"
#include "sigma/status.h"

enum { TIME_DIGITS = 6, TACTICS_SEEN_MAX = 32 };

/* System part of a Windows record: names as in event/event.h, and where Winlogbeat puts them. */
struct system_field {
    struct tcs_str name, key, object; /* object: "" directly under winlog */
};

#define S(s)                                                                                       \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }
static const struct system_field system_fields[] = {
    {S("Provider_Name"), S("provider_name"), {0}},
    {S("Provider_Guid"), S("provider_guid"), {0}},
    {S("Provider_EventSourceName"), {0}, {0}},
    {S("EventID"), S("event_id"), {0}},
    {S("EventID_Qualifiers"), {0}, {0}},
    {S("Version"), S("version"), {0}},
    {S("Level"), S("level"), {0}},
    {S("Task"), S("task"), {0}},
    {S("Opcode"), S("opcode"), {0}},
    {S("Keywords"), S("keywords"), {0}},
    {S("TimeCreated"), {0}, {0}},
    {S("TimeCreated_SystemTime"), {0}, {0}},
    {S("EventRecordID"), {0}, {0}},
    {S("Correlation"), {0}, {0}},
    {S("Correlation_ActivityID"), S("activity_id"), {0}},
    {S("Correlation_RelatedActivityID"), S("related_activity_id"), {0}},
    {S("Execution"), {0}, {0}},
    {S("Execution_ProcessID"), S("pid"), S("process")},
    {S("Execution_ThreadID"), S("thread_id"), S("process")},
    {S("Channel"), {0}, {0}},
    {S("Computer"), S("computer_name"), {0}},
    {S("Security"), {0}, {0}},
    {S("Security_UserID"), S("identifier"), S("user")},
};
#undef S
enum { SYSTEM_FIELDS = sizeof system_fields / sizeof *system_fields };

static void
comma(struct tcs_buf *b, bool *first)
{
    if (!*first)
        tcs_base_buf_c(b, ',');
    *first = false;
}

static void
key(struct tcs_buf *b, bool *first, struct tcs_str name)
{
    comma(b, first);
    tcs_base_buf_c(b, '"');
    tcs_base_buf_json(b, name);
    tcs_buf_lit(b, "\":");
}

static void
text(struct tcs_buf *b, struct tcs_str s)
{
    tcs_base_buf_c(b, '"');
    tcs_base_buf_json(b, s);
    tcs_base_buf_c(b, '"');
}

void
tcs_report_ecs_member(struct tcs_buf *b, bool *first, struct tcs_str name, struct tcs_str value)
{
    key(b, first, name);
    text(b, value);
}

static void
member_if(struct tcs_buf *b, bool *first, const char *name, struct tcs_str value)
{
    if (value.n)
        tcs_report_ecs_member(b, first, tcs_base_str_of(name), value);
}

/* A value as text, whatever its type: what ECS declares as keyword. */
static void
value_text(struct tcs_buf *b, bool *first, const char *name, const struct tcs_value *v,
           struct tcs_arena *a)
{
    member_if(b, first, name, tcs_event_value_text(v, a));
}

static void
put_rule(struct tcs_buf *b, const struct tcs_rule *rule)
{
    bool first = true;
    tcs_buf_lit(b, ",\"rule\":{");
    member_if(b, &first, "uuid", rule->doc.id);
    member_if(b, &first, "name", rule->doc.title);
    member_if(b, &first, "author", rule->doc.author);
    member_if(b, &first, "license", rule->doc.license);
    if (rule->doc.nreferences)
        member_if(b, &first, "reference", rule->doc.references[0]);
    tcs_base_buf_c(b, '}');
}

static void
put_tactics(struct tcs_buf *b, const struct tcs_doc *doc, bool *first)
{
    bool open = false, item = true, seen[TACTICS_SEEN_MAX] = {false};
    for (uint32_t i = 0; i < doc->ntags; i++) {
        int t = tcs_attack_tag_tactic(doc->tags[i]);
        if (t < 0 || t >= TACTICS_SEEN_MAX || seen[t])
            continue;
        seen[t] = true;
        if (!open) {
            key(b, first, TCS_STR("tactic"));
            tcs_buf_lit(b, "{\"name\":[");
        }
        open = true;
        comma(b, &item);
        text(b, tcs_base_str_of(tcs_attack_tactic_name((unsigned)t)));
    }
    if (open)
        tcs_buf_lit(b, "]}");
}

static void
put_techniques(struct tcs_buf *b, const struct tcs_doc *doc, bool *first)
{
    bool open = false, item = true;
    char id[16];
    for (uint32_t i = 0; i < doc->ntags; i++) {
        if (!tcs_attack_tag_technique(doc->tags[i], id))
            continue;
        if (!open) {
            key(b, first, TCS_STR("technique"));
            tcs_buf_lit(b, "{\"id\":[");
        }
        open = true;
        comma(b, &item);
        text(b, tcs_base_str_of(id));
    }
    if (open)
        tcs_buf_lit(b, "]}");
}

static void
put_threat(struct tcs_buf *b, const struct tcs_doc *doc)
{
    size_t from = b->n;
    bool first = false;
    tcs_buf_lit(b, ",\"threat\":{\"framework\":\"MITRE ATT&CK\"");
    size_t empty = b->n;
    put_tactics(b, doc, &first);
    put_techniques(b, doc, &first);
    if (b->n == empty)
        b->n = from;
    else
        tcs_base_buf_c(b, '}');
}

/* Parts of the rule that could not be checked: their search and the field that is not there. */
static void
put_unchecked(struct tcs_buf *b, const struct tcs_sigma_match *match)
{
    tcs_buf_lit(b, ",\"unchecked\":[");
    for (uint32_t i = 0; i < match->nunchecked; i++) {
        bool first = true;
        tcs_base_buf_str(b, i ? TCS_STR(",{") : TCS_STR("{"));
        member_if(b, &first, "field", match->unchecked[i].field);
        member_if(b, &first, "search", match->unchecked[i].search);
        tcs_base_buf_c(b, '}');
    }
    tcs_base_buf_c(b, ']');
}

static void
put_tocsin(struct tcs_buf *b, const struct tcs_rule *rule, const struct tcs_event *ev,
           const struct tcs_sigma_match *match)
{
    bool first = true;
    tcs_buf_lit(b, ",\"tocsin\":{");
    member_if(b, &first, "kind", TCS_STR("finding"));
    member_if(b, &first, "level", tcs_base_str_of(tcs_attack_level_name(rule->doc.level)));
    member_if(b, &first, "status", tcs_base_str_of(tcs_sigma_status_name(rule->doc.status)));
    if (match->view)
        member_if(b, &first, "view", match->view->name);
    if (ev->flags & TCS_EVENT_CARVED)
        tcs_buf_lit(b, ",\"carved\":true");
    if (match->nunchecked)
        put_unchecked(b, match);
    tcs_base_buf_c(b, '}');
}

static void
put_event(struct tcs_buf *b, const struct tcs_event *ev, struct tcs_arena *a)
{
    bool first = false;
    tcs_buf_lit(b, ",\"event\":{\"kind\":\"alert\"");
    if (ev->event_id != TCS_EVENT_ID_NONE) {
        tcs_buf_lit(b, ",\"code\":\"");
        tcs_base_buf_u64(b, ev->event_id);
        tcs_base_buf_c(b, '"');
    }
    value_text(b, &first, "provider", &ev->provider, a);
    tcs_base_buf_c(b, '}');
}

static void
put_user(struct tcs_buf *b, struct tcs_identity_account who)
{
    bool first = true;
    if (!who.name.n)
        return;
    tcs_buf_lit(b, ",\"user\":{");
    member_if(b, &first, "name", who.name);
    member_if(b, &first, "domain", who.domain);
    tcs_base_buf_c(b, '}');
}

static void
put_log(struct tcs_buf *b, const struct tcs_event *ev)
{
    bool first = true;
    tcs_buf_lit(b, ",\"log\":{\"file\":{");
    tcs_report_ecs_member(b, &first, TCS_STR("path"), ev->origin->path);
    tcs_buf_lit(b, "},\"offset\":");
    tcs_base_buf_u64(b, ev->offset);
    tcs_base_buf_c(b, '}');
}

/* All values of the name of fields[at], the first of them: one bare, several as an array. */
static void
put_values(struct tcs_buf *b, const struct tcs_event *ev, const struct tcs_same *same, uint32_t at)
{
    uint32_t next = tcs_event_same_next(same, at);
    if (next)
        tcs_base_buf_c(b, '[');
    tcs_event_value_json(&ev->fields[at].value, b);
    for (uint32_t i = next; i; i = tcs_event_same_next(same, i)) {
        tcs_base_buf_c(b, ',');
        tcs_event_value_json(&ev->fields[i].value, b);
    }
    if (next)
        tcs_base_buf_c(b, ']');
}

/* An object of all fields that are not in `skip`; names that repeat become one array. */
static void
put_fields(struct tcs_buf *b, const struct tcs_event *ev, const bool *skip)
{
    struct tcs_same same;
    bool first = true;
    if (!tcs_event_same(ev, skip, &same)) {
        b->failed = true;
        return;
    }
    tcs_base_buf_c(b, '{');
    for (uint32_t i = 0; i < ev->nfields; i++) {
        if (!tcs_event_same_first(&same, i))
            continue;
        key(b, &first, ev->fields[i].name);
        put_values(b, ev, &same, i);
    }
    tcs_base_buf_c(b, '}');
    tcs_event_same_done(&same);
}

/* The number of a System field of that name in [from, to), else `to`. */
static size_t
system_at(struct tcs_str name, size_t from, size_t to)
{
    while (from < to && !tcs_base_str_eq(name, system_fields[from].name))
        from++;
    return from;
}

/* Which field is which System field: the first of each name; EventData may repeat a name.  Most
 * records have them in the order of the table, so each is looked for behind the one before it. */
static void
find_system(const struct tcs_event *ev, const struct tcs_field *found[SYSTEM_FIELDS], bool *skip)
{
    size_t next = 0;
    for (uint32_t i = 0; i < ev->nfields; i++) {
        size_t s = system_at(ev->fields[i].name, next, SYSTEM_FIELDS);
        if (s == SYSTEM_FIELDS && (s = system_at(ev->fields[i].name, 0, next)) == next)
            continue;
        skip[i] = !found[s];
        if (!found[s])
            found[s] = &ev->fields[i];
        next = s + 1;
    }
}

static void
put_system(struct tcs_buf *b, const struct tcs_field *const found[SYSTEM_FIELDS],
           struct tcs_str object, bool *first)
{
    size_t from = b->n;
    bool inner = true, nested = object.n != 0, outer = *first;
    if (nested) {
        key(b, &outer, object);
        tcs_base_buf_c(b, '{');
    }
    size_t empty = b->n;
    for (size_t s = 0; s < SYSTEM_FIELDS; s++) {
        const struct system_field *f = &system_fields[s];
        if (!found[s] || !f->key.n || !tcs_base_str_eq(f->object, object) ||
            found[s]->value.type == TCS_V_NULL)
            continue;
        key(b, nested ? &inner : first, f->key);
        tcs_event_value_json(&found[s]->value, b);
    }
    if (!nested)
        return;
    if (b->n == empty) {
        b->n = from;
        return;
    }
    tcs_base_buf_c(b, '}');
    *first = outer;
}

static void
put_winlog(struct tcs_buf *b, const struct tcs_event *ev, bool *skip, struct tcs_arena *a)
{
    const struct tcs_field *found[SYSTEM_FIELDS] = {NULL};
    bool first = true;
    find_system(ev, found, skip);
    tcs_buf_lit(b, ",\"winlog\":{");
    value_text(b, &first, "channel", &ev->channel, a);
    key(b, &first, TCS_STR("record_id"));
    tcs_base_buf_u64(b, ev->record_id);
    put_system(b, found, (struct tcs_str){0}, &first);
    put_system(b, found, TCS_STR("process"), &first);
    put_system(b, found, TCS_STR("user"), &first);
    key(b, &first, TCS_STR("event_data"));
    put_fields(b, ev, skip);
    tcs_base_buf_c(b, '}');
}

static void
put_own_fields(struct tcs_buf *b, const struct tcs_event *ev, struct tcs_arena *a)
{
    bool first = false;
    bool *skip = tcs_base_arena_zalloc(a, ev->nfields ? ev->nfields : 1);
    if (!skip)
        return; /* the arena's failure is seen by the run */
    if (tcs_base_str_eq(ev->product, TCS_STR("windows"))) {
        put_winlog(b, ev, skip, a);
        return;
    }
    key(b, &first, ev->product.n ? ev->product : TCS_STR("fields"));
    put_fields(b, ev, skip);
}

static void
put_host(struct tcs_buf *b, const struct tcs_event *ev, struct tcs_arena *a)
{
    bool first = true;
    size_t from = b->n;
    tcs_buf_lit(b, ",\"host\":{");
    value_text(b, &first, "name", &ev->computer, a);
    if (first)
        b->n = from;
    else
        tcs_base_buf_c(b, '}');
}

void
tcs_report_ecs_event(struct tcs_buf *b, const struct tcs_event *ev, const struct tcs_identity *who,
                     struct tcs_arena *a)
{
    put_event(b, ev, a);
    put_host(b, ev, a);
    put_user(b, tcs_identity_account(who));
    put_log(b, ev);
    put_own_fields(b, ev, a);
}

void
tcs_report_ecs_rule(struct tcs_buf *b, const struct tcs_rule *rule)
{
    put_rule(b, rule);
    put_threat(b, &rule->doc);
}

void
tcs_report_ecs_finding(struct tcs_buf *b, const struct tcs_rule *rule, const struct tcs_event *ev,
                       const struct tcs_sigma_match *match, const struct tcs_ecs_parts *parts)
{
    char time[TCS_TIME_TEXT];
    bool first = true;
    tcs_base_buf_c(b, '{');
    member_if(b, &first, "@timestamp", tcs_base_time_format(ev->time, TIME_DIGITS, time));
    tcs_base_buf_put(b, ",", first ? 0 : 1);
    tcs_buf_lit(b, "\"ecs\":{\"version\":\"8.11.0\"}");
    put_tocsin(b, rule, ev, match);
    tcs_base_buf_str(b, parts->rule);
    tcs_base_buf_str(b, parts->event);
    tcs_buf_lit(b, "}\n");
}
