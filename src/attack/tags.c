/* attack/tags.c - which technique or tactic a tag names.  Text only. */
#include "attack/tags.h"

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

static bool
attack_tag(struct tcs_str tag, struct tcs_str *rest)
{
    static const struct tcs_str prefix = {"attack.", 7};
    if (tag.n <= prefix.n || !tcs_base_str_ieq(tcs_base_str_slice(tag, 0, prefix.n), prefix))
        return false;
    *rest = tcs_base_str_slice(tag, prefix.n, tag.n);
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
tcs_attack_tag_technique(struct tcs_str tag, char out[16])
{
    struct tcs_str s;
    if (!attack_tag(tag, &s) || tcs_base_ascii_lower(s.p[0]) != 't' || !digits(s, 1, 4))
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
        char c = tcs_base_ascii_lower(a.p[i]);
        if ((c == '_' ? '-' : c) != tag[i])
            return false;
    }
    return true;
}

int
tcs_attack_tag_tactic(struct tcs_str tag)
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
tcs_attack_tactic_name(unsigned i)
{
    return i < sizeof tactics / sizeof *tactics ? tactics[i].name : NULL;
}
