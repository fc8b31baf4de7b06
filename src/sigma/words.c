/* sigma/words.c - the words of levels, statuses and ATT&CK tags.  Tables only. */
#include "sigma/words.h"

#include "base/invariant.h"
#include "sigma/ast.h"

static const char *const level_names[] = {
    [TCS_LEVEL_NONE] = "none", [TCS_INFORMATIONAL] = "informational",
    [TCS_LOW] = "low",         [TCS_MEDIUM] = "medium",
    [TCS_HIGH] = "high",       [TCS_CRITICAL] = "critical",
};
TCS_ROW_FOR_EACH(level_names, TCS_LEVELS);
_Static_assert(TCS_LEVELS == TCS_CRITICAL + 1, "every level");

static const struct {
    const char *name;
    unsigned maturity;
} statuses[] = {
    [TCS_STATUS_NONE] = {"none", 0},
    [TCS_STABLE] = {"stable", 4},
    [TCS_TEST] = {"test", 3},
    [TCS_EXPERIMENTAL] = {"experimental", 2},
    [TCS_DEPRECATED] = {"deprecated", 1},
    [TCS_UNSUPPORTED] = {"unsupported", 0},
};
TCS_ROW_FOR_EACH(statuses, TCS_STATUSES);
_Static_assert(TCS_STATUSES == TCS_UNSUPPORTED + 1, "every status");

/* In the order of an attack.  Rules of before and after ATT&CK 19 name the ninth differently. */
static const struct {
    const char *tag, *name;
} tactics[] = {
    {"reconnaissance", "Reconnaissance"},
    {"resource-development", "Resource Development"},
    {"initial-access", "Initial Access"},
    {"execution", "Execution"},
    {"persistence", "Persistence"},
    {"privilege-escalation", "Privilege Escalation"},
    {"defense-evasion", "Defense Evasion"},
    {"stealth", "Stealth"},
    {"defense-impairment", "Defense Impairment"},
    {"credential-access", "Credential Access"},
    {"discovery", "Discovery"},
    {"lateral-movement", "Lateral Movement"},
    {"collection", "Collection"},
    {"command-and-control", "Command and Control"},
    {"exfiltration", "Exfiltration"},
    {"impact", "Impact"},
};

const char *
tcs_level_name(uint8_t level)
{
    return level_names[level < TCS_LEVELS ? level : 0];
}

const char *
tcs_status_name(uint8_t status)
{
    return statuses[status < TCS_STATUSES ? status : 0].name;
}

uint8_t
tcs_level_of(struct tcs_str word)
{
    for (uint8_t i = 1; i < TCS_LEVELS; i++)
        if (tcs_str_ieq(word, tcs_str_of(level_names[i])))
            return i;
    return 0;
}

uint8_t
tcs_status_of(struct tcs_str word)
{
    for (uint8_t i = 1; i < TCS_STATUSES; i++)
        if (tcs_str_ieq(word, tcs_str_of(statuses[i].name)))
            return i;
    return 0;
}

unsigned
tcs_status_maturity(uint8_t status)
{
    return statuses[status < TCS_STATUSES ? status : 0].maturity;
}

static bool
attack_tag(struct tcs_str tag, struct tcs_str *rest)
{
    static const struct tcs_str prefix = {"attack.", 7};
    if (tag.n <= prefix.n || !tcs_str_ieq(tcs_str_slice(tag, 0, prefix.n), prefix))
        return false;
    *rest = tcs_str_slice(tag, prefix.n, tag.n);
    return true;
}

static bool
digits(struct tcs_str s, size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++)
        if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

bool
tcs_tag_technique(struct tcs_str tag, char out[16])
{
    struct tcs_str s;
    if (!attack_tag(tag, &s) || tcs_ascii_lower(s.p[0]) != 't' || !digits(s, 1, 4))
        return false;
    if (s.n != 5 && !(s.n == 9 && s.p[5] == '.' && digits(s, 6, 3)))
        return false;
    memcpy(out, s.p, s.n);
    out[0] = 'T';
    out[s.n] = '\0';
    return true;
}

static bool
same_words(struct tcs_str a, const char *tag)
{
    size_t n = strlen(tag);
    if (a.n != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = tcs_ascii_lower(a.p[i]);
        if ((c == '_' ? '-' : c) != tag[i])
            return false;
    }
    return true;
}

int
tcs_tag_tactic(struct tcs_str tag)
{
    struct tcs_str s;
    if (!attack_tag(tag, &s))
        return -1;
    for (size_t i = 0; i < sizeof tactics / sizeof *tactics; i++)
        if (same_words(s, tactics[i].tag))
            return (int)i;
    return -1;
}

const char *
tcs_tactic_name(unsigned i)
{
    return i < sizeof tactics / sizeof *tactics ? tactics[i].name : NULL;
}
