/* cli/notes_text.c - notes as lines on standard error, and as parts of a report. */
#include "cli/notes_text.h"

#include "cli/text.h"

enum { QUOTED = 3 }; /* sentences shown of each cause; the rest is counted */

/* Where in the file is only said of what is inside one. */
static bool
has_place(const struct tcs_note *n)
{
    return n->record || n->offset;
}

static void
complain_cause(const struct tcs_notes *n, enum tcs_cause cause)
{
    const struct tcs_cause_row *row = tcs_event_cause(cause);
    const struct tcs_note *note;
    uint32_t told = 0;
    for (; (note = tcs_detect_notes_at(n, cause, told)); told++) {
        if (has_place(note))
            tcs_cli_complain("%.*s: at byte %llu: %.*s", TCS_STR_FMT(note->path),
                             (unsigned long long)note->offset, TCS_STR_FMT(note->text));
        else
            tcs_cli_complain("%.*s: %.*s", TCS_STR_FMT(note->path), TCS_STR_FMT(note->text));
    }
    const uint64_t left = n->count[cause] - told;
    if (left)
        tcs_cli_complain("and %llu more %s", (unsigned long long)left,
                         left == 1 ? row->one : row->many);
}

void
tcs_cli_notes_complain(const struct tcs_notes *n)
{
    for (size_t c = 0; c < TCS_CAUSES; c++)
        complain_cause(n, (enum tcs_cause)c);
}

static void
put_note(const struct tcs_term *t, struct tcs_buf *b, const struct tcs_note *n)
{
    tcs_cli_term_style(t, b, TCS_DIM);
    tcs_buf_lit(b, "    ");
    tcs_cli_term_put(t, b, n->path, 0);
    if (has_place(n))
        tcs_base_buf_printf(b, " at byte %llu", (unsigned long long)n->offset);
    tcs_buf_lit(b, ": ");
    tcs_cli_term_put(t, b, n->text, 0);
    tcs_cli_term_style(t, b, TCS_PLAIN);
    tcs_base_buf_c(b, '\n');
}

void
tcs_cli_notes_put(const struct tcs_term *t, struct tcs_buf *b, const struct tcs_notes *n,
                  enum tcs_class cls)
{
    for (size_t c = 0; c < TCS_CAUSES; c++) {
        const struct tcs_cause_row *row = tcs_event_cause((enum tcs_cause)c);
        const struct tcs_note *note;
        uint32_t shown = 0;
        if (!n->count[c] || row->cls != cls)
            continue;
        tcs_buf_lit(b, "  ");
        tcs_cli_text_plural(b, n->count[c], row->one, row->many);
        if (row->todo)
            tcs_base_buf_printf(b, ": %s", row->todo);
        tcs_base_buf_c(b, '\n');
        for (; shown < QUOTED && (note = tcs_detect_notes_at(n, (enum tcs_cause)c, shown)); shown++)
            put_note(t, b, note);
        if (n->count[c] > shown)
            tcs_base_buf_printf(b, "    and %llu more\n",
                                (unsigned long long)(n->count[c] - shown));
    }
}
