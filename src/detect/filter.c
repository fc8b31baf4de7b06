/* detect/filter.c - time window and host.  An event without a time cannot be shown to lie outside,
 * so it is kept. */
#include "detect/filter.h"

#include "base/time.h"

/* `*` any run, `?` one byte, ASCII case ignored.  Linear in |text| x |pattern|: only the last star
 * is ever tried again. */
static bool
glob(struct tcs_str pattern, struct tcs_str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, again = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            again = t;
        } else if (p < pattern.n && (pattern.p[p] == '?' || tcs_base_ascii_lower(pattern.p[p]) ==
                                                                tcs_base_ascii_lower(text.p[t]))) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++again;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

static bool
host_fits(const struct tcs_detect_list *hosts, struct tcs_str name)
{
    struct tcs_str shorter = tcs_base_str_slice(name, 0, tcs_base_str_find(name, '.', 0));
    for (size_t i = 0; i < hosts->n; i++)
        if (glob(tcs_base_str_of(hosts->at[i]), name) ||
            glob(tcs_base_str_of(hosts->at[i]), shorter))
            return true;
    return false;
}

bool
tcs_detect_filter_wants(const struct tcs_detect_opts *opts, const struct tcs_event *head,
                        struct tcs_arena *scratch)
{
    if (head->time != TCS_TIME_NONE) {
        if (opts->from != TCS_TIME_NONE && head->time < opts->from)
            return false;
        if (opts->to != TCS_TIME_NONE && head->time >= opts->to)
            return false;
    }
    return !opts->hosts.n ||
           host_fits(&opts->hosts, tcs_event_value_text(&head->computer, scratch));
}
