/* sigma/load.c - places and diagnostics of the file in hand.
 *
 * The first TCS_DIAGS_MAX diagnostics of a document are kept, behind those of the documents before
 * it; an error refuses the document whether its text is kept or not. */
#include "sigma/load.h"

#include "base/limits.h"
#include "sigma/collection.h"

#include <stdarg.h>

static void __attribute__((format(printf, 5, 0)))
load_diag(struct tcs_load *l, uint8_t severity, struct tcs_place at, const char *reason,
          const char *fmt, va_list ap)
{
    if (++l->told > TCS_DIAGS_MAX)
        return;
    struct tcs_diag d = {.path = l->path,
                         .line = at.line,
                         .col = at.col,
                         .severity = severity,
                         .rule_id = l->id,
                         .rule_title = l->title,
                         .reason = reason};
    tcs_sigma_store_vdiag(l->rules, d, fmt, ap);
}

void
tcs_sigma_load_error(struct tcs_load *l, struct tcs_place at, const char *reason, const char *fmt,
                     ...)
{
    va_list ap;
    va_start(ap, fmt);
    load_diag(l, TCS_SEV_ERROR, at, reason, fmt, ap);
    va_end(ap);
    l->refused = true;
}

void
tcs_sigma_load_warn(struct tcs_load *l, struct tcs_place at, const char *reason, const char *fmt,
                    ...)
{
    va_list ap;
    va_start(ap, fmt);
    load_diag(l, TCS_SEV_WARNING, at, reason, fmt, ap);
    va_end(ap);
}

bool
tcs_sigma_load_sound(const struct tcs_load *l)
{
    return !l->refused && !tcs_base_arena_failed(l->keep) && !tcs_base_arena_failed(l->scratch);
}

struct tcs_place
tcs_sigma_load_place(const struct tcs_ynode *y, size_t at)
{
    bool exact = y->inline_text && at <= y->text.n;
    return (struct tcs_place){y->line, y->col + (exact ? (uint32_t)at : 0)};
}

const struct tcs_placeholder *
tcs_sigma_load_placeholder(const struct tcs_load *l, struct tcs_str name)
{
    for (uint32_t i = 0; i < l->rules->nplaceholders; i++)
        if (tcs_base_str_eq(l->rules->placeholders[i].name, name))
            return &l->rules->placeholders[i];
    return NULL;
}
