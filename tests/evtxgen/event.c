/* tests/evtxgen/event.c - a Windows event: the System template and the data template inside it.
 *
 * In: struct evg_event.  Out: one record, in the arrangement of a record that a Windows service
 * wrote (order of elements and values, literal Computer, data nested by a 0x21 value). */
#include "evtxgen/int.h"

#define XMLNS "http://schemas.microsoft.com/win/2004/08/events/event"

/* Index of each System value; EventSourceName is absent from most providers' templates. */
enum {
    V_LEVEL,
    V_OPCODE,
    V_TASK,
    V_EVENT_ID,
    V_QUALIFIERS,
    V_KEYWORDS,
    V_TIME,
    V_ACTIVITY,
    V_PID,
    V_TID,
    V_RECORD_ID,
    V_VERSION,
    V_USER,
    V_RELATED,
    V_PROVIDER,
    V_GUID,
    V_CHANNEL,
    V_DATA,
    V_SOURCE,
    V_COUNT,
};

static const char system_head[] =
    "<Event xmlns=\"" XMLNS "\"><System>"
    "<Provider Name=\"{14?string}\" Guid=\"{15?guid}\" EventSourceName=\"{18?string}\"/>"
    "<EventID Qualifiers=\"{4?u16}\">{3?u16}</EventID><Version>{11?u8}</Version>"
    "<Level>{0?u8}</Level><Task>{2?u16}</Task><Opcode>{1?u8}</Opcode>"
    "<Keywords>{5?hex64}</Keywords><TimeCreated SystemTime=\"{6?filetime}\"/>"
    "<EventRecordID>{10?u64}</EventRecordID>"
    "<Correlation ActivityID=\"{7?guid}\" RelatedActivityID=\"{13?guid}\"/>"
    "<Execution ProcessID=\"{8?u32}\" ThreadID=\"{9?u32}\"/><Channel>{16?string}</Channel>"
    "<Computer>";
static const char system_tail[] =
    "</Computer><Security UserID=\"{12?sid}\"/></System>{17?xml}</Event>";

/* Names of the type in a placeholder. */
static const char *
type_name(unsigned type)
{
    static const char *const names[] = {
        "null",  "string",   "ansi",       "i8",  "u8",    "i16",   "u16",    "i32",
        "u32",   "i64",      "u64",        "f32", "f64",   "bool",  "binary", "guid",
        "sizet", "filetime", "systemtime", "sid", "hex32", "hex64",
    };
    type &= ~(unsigned)EVG_ARRAY;
    return type < sizeof names / sizeof names[0] ? names[type] : "string";
}

static void
put_fields(struct tcs_buf *b, const struct evg_event *ev)
{
    for (uint32_t i = 0; i < ev->nfields; i++) {
        const struct evg_field *f = &ev->fields[i];
        const char *array = f->value.type & EVG_ARRAY ? "[]" : "";
        const char *type = type_name(f->value.type);
        if (ev->userdata)
            tcs_base_buf_printf(b, "<%s>{%u:%s%s}</%s>", f->name, i, type, array, f->name);
        else if (f->name)
            tcs_base_buf_printf(b, "<Data Name=\"%s\">{%u:%s%s}</Data>", f->name, i, type, array);
        else
            tcs_base_buf_printf(b, "<Data>{%u:%s%s}</Data>", i, type, array);
    }
}

static struct evg_value
data_value(struct evg *g, const struct evg_event *ev)
{
    struct tcs_buf b = {0};
    if (ev->userdata)
        tcs_base_buf_printf(&b, "<UserData><%s>", ev->userdata);
    else
        tcs_buf_lit(&b, "<EventData>");
    put_fields(&b, ev);
    if (ev->userdata)
        tcs_base_buf_printf(&b, "</%s></UserData>", ev->userdata);
    else
        tcs_buf_lit(&b, "</EventData>");
    struct evg_value *values = evg_alloc(g, ev->nfields * sizeof *values);
    for (uint32_t i = 0; values && i < ev->nfields; i++)
        values[i] = ev->fields[i].value;
    char *text = evg_text(g, "%.*s", (int)b.n, b.p);
    tcs_base_buf_done(&b);
    return evg_xml(g, (struct evg_xml){.text = text, .values = values, .n = ev->nfields});
}

static void
system_values(struct evg *g, const struct evg_event *ev, uint64_t id, struct evg_value v[V_COUNT])
{
    for (int i = 0; i < V_COUNT; i++)
        v[i] = evg_null();
    v[V_LEVEL] = evg_int(g, EVG_U8, ev->level);
    v[V_OPCODE] = evg_int(g, EVG_U8, ev->opcode);
    v[V_TASK] = evg_int(g, EVG_U16, ev->task);
    v[V_EVENT_ID] = evg_int(g, EVG_U16, ev->event_id);
    if (ev->qualifiers >= 0)
        v[V_QUALIFIERS] = evg_int(g, EVG_U16, (uint64_t)ev->qualifiers);
    v[V_KEYWORDS] = evg_int(g, EVG_HEX64, ev->keywords);
    v[V_TIME] = evg_filetime(g, ev->filetime);
    v[V_PID] = evg_u32(g, ev->pid);
    v[V_TID] = evg_u32(g, ev->tid);
    v[V_RECORD_ID] = evg_int(g, EVG_U64, id);
    v[V_VERSION] = evg_int(g, EVG_U8, ev->version);
    v[V_PROVIDER] = evg_str(g, ev->provider);
    v[V_CHANNEL] = evg_str(g, ev->channel);
    if (ev->guid)
        v[V_GUID] = evg_guid(g, ev->guid);
    if (ev->source)
        v[V_SOURCE] = evg_str(g, ev->source);
    if (ev->activity)
        v[V_ACTIVITY] = evg_guid(g, ev->activity);
    if (ev->user)
        v[V_USER] = evg_sid(g, ev->user);
    if (ev->nfields)
        v[V_DATA] = data_value(g, ev);
}

int
evg_add_event(struct evg *g, const struct evg_event *ev, struct tcs_err *err)
{
    uint64_t id = ev->record_id ? ev->record_id : g->next_id;
    struct evg_value v[V_COUNT];
    system_values(g, ev, id, v);
    struct evg_record r = {
        .id = id,
        .filetime = ev->filetime,
        .xml = {.text = evg_text(g, "%s%s%s", system_head, ev->computer, system_tail),
                .values = v,
                .n = V_COUNT},
    };
    if (!r.xml.text)
        return tcs_base_fail(err, TCS_ENOMEM, "event");
    return evg_add(g, &r, err);
}
