/* tests/differential/generate.c - see generate.h.  The vocabulary is small on purpose: what rules
 * ask for is what events hold, with the odd cases of the format among it. */
#include "generate.h"

#define PICK(g, list) (list)[gen_below((g), sizeof(list) / sizeof *(list))]

static const char *const words[] = {
    "cmd.exe",
    "\\cmd.exe",
    "C:\\Windows\\System32\\",
    "powershell",
    " -enc ",
    " /c ",
    "whoami",
    "a",
    "A",
    "aa",
    "-",
    "",
    "http://",
    "4624",
    "0x1210",
    "1",
    "443",
    "SetValue",
    "%%1904",
    "%%14593",
    "tcp",
    "17",
    "10.1.2.3",
    "fe80::1",
    "2024-05-06 07:08:09",
    "2024-05-06T23:59:59.5Z",
    "{0CCE9210-69AE-11D9-BED3-505054503030}",
    "0cce9210-69ae-11d9-bed3-505054503030",
    "High",
    "S-1-16-12288",
    "S-1-5-18",
    "CORP",
    "SHA1=AA,IMPHASH=a",
    "HostApplication=powershell\nHostName=a",
    "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\a",
    "\\device\\harddiskvolume3\\a.exe",
    "\xc3\x84\xc3\x96\xc3\x9f",
    "\xc3\xa4\xc3\xb6\xc3\x9f",
    "\xe2\x84\xaa",
    "k",
    "\xf0\x9f\x98\x80",
    "line\nbreak",
    "YQ==",
    "aHR0cDovLw",
    "it's",
    "[x]",
    "*",
    "?",
    "System",
    "Security",
    "NtLmSsp ",
    "NtLmSsp *",
    " ",
    "S-1-5-20",
    "0x3e4",
};

static const char *const fields[] = {
    "Image",
    "CommandLine",
    "ParentImage",
    "OriginalFileName",
    "User",
    "ProcessId",
    "IntegrityLevel",
    "Hashes",
    "imphash",
    "TargetObject",
    "Details",
    "EventType",
    "DestinationIp",
    "DestinationPort",
    "Initiated",
    "Protocol",
    "Data",
    "HostApplication",
    "EventID",
    "ComputerName",
    "Signature",
    "UtcTime",
    "LogonId",
    "Channel",
    "LogonProcessName",
    "LogonProcessName",
};

/* Chains that the specification allows, with how their values look. */
enum looks { TEXT, PATTERN, ANY, REGEX, NUMBER, HOUR, NETWORK, TRUTH, FIELD, LITERAL };
static const struct {
    const char *chain;
    enum looks looks;
    bool single;
} chains[] = {
    {"", ANY, 0},
    {"", ANY, 0},
    {"|contains", PATTERN, 0},
    {"|contains", PATTERN, 0},
    {"|startswith", PATTERN, 0},
    {"|endswith", PATTERN, 0},
    {"|contains|all", PATTERN, 0},
    {"|cased", PATTERN, 0},
    {"|contains|cased", PATTERN, 0},
    {"|contains|windash", TEXT, 0},
    {"|re", REGEX, 0},
    {"|re|i", REGEX, 0},
    {"|re|s", REGEX, 0},
    {"|neq", PATTERN, 0},
    {"|base64|contains", LITERAL, 0},
    {"|base64offset|contains", LITERAL, 0},
    {"|wide|base64offset|contains", LITERAL, 0},
    {"|cidr", NETWORK, 0},
    {"|gt", NUMBER, 1},
    {"|gte", NUMBER, 1},
    {"|lt", NUMBER, 1},
    {"|lte", NUMBER, 1},
    {"", NUMBER, 0},
    {"|exists", TRUTH, 1},
    {"|fieldref", FIELD, 0},
    {"|fieldref|contains", FIELD, 0},
    {"|fieldref|neq", FIELD, 0},
    {"|hour", HOUR, 0},
    {"|minute|gte", HOUR, 1},
    {"|month|lt", HOUR, 1},
};

static const char *const sources[] = {
    "  product: windows\n  category: process_creation\n",
    "  product: windows\n  category: process_creation\n",
    "  product: windows\n  category: registry_set\n",
    "  product: windows\n  category: registry_event\n",
    "  product: windows\n  category: network_connection\n",
    "  product: windows\n  category: ps_classic_start\n",
    "  product: windows\n  category: process_creation\n  service: security\n",
    "  product: windows\n  category: generated\n",
    "  product: windows\n  category: generated\n",
    "  product: windows\n  service: security\n",
    "  product: windows\n  service: sysmon\n",
    "  product: windows\n  service: system\n",
    "  product: windows\n",
    "  product: linux\n  category: process_creation\n",
    "  category: antivirus\n",
    "  category: webserver\n",
    "  product: linux\n  service: sshd\n",
    "  service: sysmon\n",
};

/* Cases that end in one which always holds and cases that do not, EventID in a `where`, two names
 * that differ only in their PART, and a `where` in a view as well. */
const char gen_logsources[] =
    "products:\n"
    "  windows:\n"
    "    shapes:\n"
    "      ways:\n"
    "        fields:\n"
    "          User:\n"
    "            - where: {TargetUserName: 'a|cmd.exe|', SubjectUserSid: '!-|'}\n"
    "              from: [SubjectUserName, SubjectUserSid]\n"
    "              join: '/'\n"
    "            - {where: {EventID: '4688|104'}, from: SubjectUserName, map: {a: whoami}}\n"
    "            - {where: {Data: '!1'}, from: [User, Data], part: 'HostName=', by: \"\\n\"}\n"
    "          Image:\n"
    "            - {where: {NewProcessName: '!'}, from: [NewProcessName, Application]}\n"
    "            - {from: ProcessId, as: decimal}\n"
    "          Channel:\n"
    "            - {where: {EventID: '104|1'}, from: Channel, as: data}\n"
    "            - {from: [BackupPath, SubjectDomainName]}\n"
    "          EventType:\n"
    "            - {where: {SubjectUserSid: '|S-1-5-18'}, from: Data}\n"
    "            - {where: {Data: '!'}, from: Data, prefix: {Host: whoami, a: A}}\n"
    "          Details: {from: Data, part: 'HostApplication=', by: \"\\n\"}\n"
    "          Signature: {from: Data, part: 'HostName=', by: \"\\n\"}\n"
    "    categories:\n"
    "      generated:\n"
    "        - {name: open, channels: [System], shape: ways}\n"
    "        - {name: sparse, channels: [Security], shape: ways, closed: true, sparse: true,\n"
    "           native: [CommandLine, Data], where: {ProcessId: '!1'}}\n"
    "        - {name: rest, channels: [Security], fields: {Image: Data}}\n";

static const char *const conditions[] = {
    "1 of s*",           "all of s*",      "s0",      "s0 and not 1 of s*",
    "s0 or s1",          "s0 and not s1",  "not s0",  "all of them",
    "(s0 or s1) and s2", "not (s0 or s2)", "2 of s*", "s0 and (not s1 or not s2)",
};

static const struct {
    const char *product, *service, *channel, *provider;
    uint32_t ids[4];
    const char *names[10];
} kinds[] = {
    {"windows",
     "",
     "Microsoft-Windows-Sysmon/Operational",
     "Microsoft-Windows-Sysmon",
     {1, 1, 3, 13},
     {"Image", "CommandLine", "ParentImage", "OriginalFileName", "User", "Hashes", "ProcessId",
      "TargetObject", "Details", "UtcTime"}},
    {"windows",
     "",
     "security",
     "Microsoft-Windows-Security-Auditing",
     {4688, 4688, 4688, 4624},
     {"NewProcessName", "CommandLine", "ParentProcessName", "SubjectUserName", "SubjectDomainName",
      "SubjectUserSid", "NewProcessId", "MandatoryLabel", "ProcessId", "Data"}},
    {"windows",
     "",
     "Security",
     "Microsoft-Windows-Security-Auditing",
     {4688, 4688, 4624, 4625},
     {"SubjectUserSid", "SubjectUserName", "SubjectDomainName", "TargetUserName", "TargetUserName",
      "TargetDomainName", "TargetLogonId", "TargetLogonId", "LogonProcessName",
      "LogonProcessName"}},
    {"windows",
     "",
     "System",
     "Microsoft-Windows-Eventlog",
     {104, 104, 1, 7045},
     {"Channel", "Channel", "Channel", "BackupPath", "User", "Data", "Computer", "Provider_Name",
      "Image", "UtcTime"}},
    {"windows",
     "",
     "Security",
     "",
     {4657, 4657, 5156, 5156},
     {"ObjectName", "ObjectValueName", "OperationType", "NewValue", "ProcessName", "Application",
      "Direction", "DestAddress", "DestPort", "Protocol"}},
    {"windows",
     "",
     "Windows PowerShell",
     "PowerShell",
     {400, 400, 600, 800},
     {"Data", "Data", "Data", "HostApplication", "CommandLine", "Computer", "ComputerName", "User",
      "EventID", "Image"}},
    {"windows",
     "",
     "Microsoft-Windows-Windows Defender/Operational",
     "",
     {1116, 1117, 1006, TCS_EVENT_ID_NONE},
     {"Threat Name", "ThreatName", "Path", "Signature", "Process Name", "Detection User", "Image",
      "User", "Computer", "Data"}},
    {"linux",
     "",
     "Linux-Sysmon/Operational",
     "Linux-Sysmon",
     {1, 1, 3, 11},
     {"Image", "CommandLine", "ParentImage", "User", "Hashes", "ProcessId", "DestinationIp",
      "DestinationPort", "UtcTime", "Computer"}},
    {"linux",
     "sshd",
     "",
     "",
     {TCS_EVENT_ID_NONE, TCS_EVENT_ID_NONE, 1, 1},
     {"Data", "User", "Image", "EventID", "Details", "Protocol", "UtcTime", "Computer", "Data",
      "Hashes"}},
};

uint32_t
gen_below(struct gen *g, uint32_t n)
{
    /* xorshift64* */
    g->state ^= g->state >> 12;
    g->state ^= g->state << 25;
    g->state ^= g->state >> 27;
    return (uint32_t)((g->state * 0x2545f4914f6cdd1du) >> 33) % n;
}

/* --- rules ------------------------------------------------------------------------------------ */

static void
append(char *to, const char *text)
{
    size_t n = strlen(to);
    snprintf(to + n, GEN_TEXT - n, "%s", text);
}

/* A double-quoted YAML scalar of the text. */
static void
quote(char *to, const char *text)
{
    size_t n = 0;
    to[n++] = '"';
    for (; *text && n + 4 < GEN_TEXT; text++) {
        if (*text == '"' || *text == '\\')
            to[n++] = '\\';
        if (*text == '\n')
            to[n++] = '\\';
        to[n++] = *text == '\n' ? 'n' : *text;
    }
    to[n++] = '"';
    to[n] = 0;
}

static void
make_pattern(struct gen *g, char *to)
{
    char text[GEN_TEXT] = "";
    static const char *const inner[] = {"*", "?", "\\*", "\\\\", "\\?"};
    for (unsigned i = 1 + gen_below(g, 2); i; i--) {
        append(text, PICK(g, words));
        if (gen_below(g, 5) == 0)
            append(text, PICK(g, inner));
    }
    quote(to, text);
}

static void
make_value(struct gen *g, enum looks looks, char *to)
{
    static const char *const regexes[] = {
        "cmd",       "^.{2,6}$", "[a-z]+\\\\d*", "a+b?",    "(whoami|cmd)\\\\.exe$",
        "\\\\\\\\",  "k",        "^$",           "(?i)CMD", "e.b",
        "\\\\{0CCE", "[^a]",
    };
    static const char *const networks[] = {"10.0.0.0/8", "10.1.2.3/32", "fe80::/10", "0.0.0.0/0",
                                           "::/0"};
    static const char *const numbers[] = {"0",    "1",    "7",  "8",    "443",
                                          "4624", "4688", "-1", "17.5", "2024"};
    static const char *const literals[] = {"http://", "cmd.exe", "whoami", "it's"};
    static const char *const truths[] = {"true", "false"};
    switch (looks) {
    case TEXT:
        quote(to, PICK(g, words));
        return;
    case LITERAL:
        quote(to, PICK(g, literals));
        return;
    case ANY:
        if (gen_below(g, 20) == 0) {
            snprintf(to, GEN_TEXT, "null");
            return;
        }
        __attribute__((fallthrough));
    case PATTERN:
        make_pattern(g, to);
        return;
    case REGEX:
        snprintf(to, GEN_TEXT, "\"%s\"", PICK(g, regexes));
        return;
    case NUMBER:
        snprintf(to, GEN_TEXT, "%s", PICK(g, numbers));
        return;
    case HOUR:
        snprintf(to, GEN_TEXT, "%u", 1 + gen_below(g, 12));
        return;
    case NETWORK:
        snprintf(to, GEN_TEXT, "\"%s\"", PICK(g, networks));
        return;
    case TRUTH:
        snprintf(to, GEN_TEXT, "%s", PICK(g, truths));
        return;
    case FIELD:
        snprintf(to, GEN_TEXT, "%s", PICK(g, fields));
        return;
    }
}

static void
make_item(struct gen *g, struct gen_item *item)
{
    size_t c = gen_below(g, sizeof chains / sizeof *chains);
    item->field = PICK(g, fields);
    item->modifiers = chains[c].chain;
    item->n = chains[c].single ? 1 : 1 + gen_below(g, GEN_VALUES);
    if (strstr(item->modifiers, "all") && item->n < 2)
        item->n = 2;
    for (unsigned i = 0; i < item->n; i++)
        make_value(g, chains[c].looks, item->values[i]);
}

void
gen_make_rule(struct gen *g, struct gen_rule *r)
{
    *r = (struct gen_rule){.nsearches = GEN_SEARCHES};
    r->source = gen_below(g, sizeof sources / sizeof *sources);
    r->condition = gen_below(g, sizeof conditions / sizeof *conditions);
    for (unsigned s = 0; s < GEN_SEARCHES; s++) {
        r->search[s].form = gen_below(g, 8) ? gen_below(g, 2) ? GEN_MAP : GEN_LIST : GEN_KEYWORDS;
        r->search[s].n = 1 + gen_below(g, 2);
        for (unsigned i = 0; i < r->search[s].n; i++)
            make_item(g, &r->search[s].item[i]);
    }
}

static void
put_item(const struct gen_item *item, const char *lead, struct tcs_buf *b)
{
    tcs_base_buf_printf(b, "%s%s%s: ", lead, item->field, item->modifiers);
    if (item->n == 1) {
        tcs_base_buf_printf(b, "%s\n", item->values[0]);
        return;
    }
    for (unsigned v = 0; v < item->n; v++)
        tcs_base_buf_printf(b, "%s%s", v ? ", " : "[", item->values[v]);
    tcs_buf_lit(b, "]\n");
}

void
gen_yaml(const struct gen_rule *r, unsigned number, struct tcs_buf *b)
{
    tcs_base_buf_printf(
        b, "---\ntitle: generated %u\nid: 0d2ad8cd-6f15-4a5a-a1a4-%012x\nlogsource:\n%s", number,
        number, sources[r->source]);
    tcs_buf_lit(b, "detection:\n");
    for (unsigned s = 0; s < r->nsearches; s++) {
        tcs_base_buf_printf(b, "  s%u:\n", s);
        for (unsigned i = 0; i < r->search[s].n; i++) {
            const struct gen_item *item = &r->search[s].item[i];
            if (r->search[s].form == GEN_KEYWORDS)
                tcs_base_buf_printf(b, "    - %s\n", item->values[0]);
            else
                put_item(item, r->search[s].form == GEN_LIST ? "    - " : "    ", b);
        }
    }
    tcs_base_buf_printf(b, "  condition: %s\n", conditions[r->condition]);
}

/* --- events ----------------------------------------------------------------------------------- */

void
gen_make_event(struct gen *g, struct gen_event *e)
{
    static const uint8_t types[] = {TCS_V_UTF8,  TCS_V_UTF8, TCS_V_UTF8, TCS_V_UTF16, TCS_V_UTF16,
                                    TCS_V_UTF16, TCS_V_NULL, TCS_V_UINT, TCS_V_HEX,   TCS_V_GUID};
    static const uint64_t numbers[] = {0, 1, 7, 17, 443, 4624, 4688};
    *e = (struct gen_event){.kind = gen_below(g, sizeof kinds / sizeof *kinds)};
    e->id = kinds[e->kind].ids[gen_below(g, 4)];
    e->n = gen_below(g, GEN_FIELDS + 1);
    for (unsigned i = 0; i < e->n; i++) {
        e->field[i].name = kinds[e->kind].names[gen_below(g, 10)];
        e->field[i].type = PICK(g, types);
        e->field[i].u = PICK(g, numbers);
        for (unsigned k = 1 + gen_below(g, 3); k; k--)
            append(e->field[i].text, PICK(g, words));
        if (gen_below(g, 30) == 0)
            append(e->field[i].text, "\xff\xc3");
    }
}

/* Latin-1 of the bytes: enough to have characters of two bytes and lone surrogates out. */
static struct tcs_value
wide(struct tcs_str t, struct tcs_arena *a)
{
    uint8_t *p = tcs_base_arena_alloc(a, 2 * t.n + 1);
    assert_non_null(p);
    for (size_t i = 0; i < t.n; i++) {
        p[2 * i] = (uint8_t)t.p[i];
        p[2 * i + 1] = 0;
    }
    return (struct tcs_value){.type = TCS_V_UTF16, .n = (uint32_t)(2 * t.n), .b = p};
}

struct tcs_event
gen_event(const struct gen_event *e, const struct tcs_fieldset *fs, struct tcs_arena *a)
{
    static const uint8_t guid[16] = {0x10, 0x92, 0xce, 0x0c, 0xae, 0x69, 0xd9, 0x11,
                                     0xbe, 0xd3, 0x50, 0x50, 0x54, 0x50, 0x30, 0x30};
    static const struct tcs_origin origin = {.path = {"generated", 9}};
    struct tcs_event ev = {
        .origin = &origin,
        .product = tcs_base_str_of(kinds[e->kind].product),
        .service = tcs_base_str_of(kinds[e->kind].service),
        .event_id = e->id,
        .channel = tcs_event_value_str(tcs_base_str_of(kinds[e->kind].channel)),
        .provider = tcs_event_value_str(tcs_base_str_of(kinds[e->kind].provider)),
        .fields = tcs_base_arena_array(a, e->n + 1, sizeof *ev.fields),
        .nfields = e->n,
    };
    assert_non_null(ev.fields);
    for (unsigned i = 0; i < e->n; i++) {
        struct tcs_field *f = &ev.fields[i];
        f->name = tcs_base_str_of(e->field[i].name);
        f->slot = tcs_event_fieldset_find(fs, f->name);
        if (e->field[i].type == TCS_V_UTF16)
            f->value = wide(tcs_base_str_of(e->field[i].text), a);
        else if (e->field[i].type == TCS_V_UTF8)
            f->value = tcs_event_value_str(tcs_base_str_of(e->field[i].text));
        else if (e->field[i].type == TCS_V_GUID)
            f->value = (struct tcs_value){.type = TCS_V_GUID, .n = 16, .b = guid};
        else
            f->value = (struct tcs_value){.type = e->field[i].type, .u = e->field[i].u};
    }
    return ev;
}
