/* sigma/collection.c - room in the collection, its diagnostics, its order.  It knows no YAML. */
#include "sigma/collection.h"

#include "base/grow.h"

#include <stdio.h>

bool
tcs_sigma_store_room(struct tcs_rules *r, void *array, uint32_t n, uint32_t *cap, size_t size)
{
    bool ok = tcs_base_grow(array, cap, n, 1, size);
    r->failed |= !ok;
    return ok;
}

void
tcs_sigma_store_vdiag(struct tcs_rules *r, struct tcs_diag d, const char *fmt, va_list ap)
{
    char text[512];
    vsnprintf(text, sizeof text, fmt, ap);
    for (char *p = text; *p; p++) /* one line, whatever was quoted */
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    d.text = tcs_base_arena_str(r->keep, tcs_base_str_of(text));
    if (tcs_sigma_store_room(r, &r->diags, r->ndiags, &r->cap_diags, sizeof *r->diags))
        r->diags[r->ndiags++] = d;
}

void
tcs_sigma_store_diag(struct tcs_rules *r, uint8_t severity, const struct tcs_doc *doc,
                     struct tcs_place at, const char *reason, const char *fmt, ...)
{
    struct tcs_diag d = {.path = doc->path,
                         .line = at.line,
                         .col = at.col,
                         .severity = severity,
                         .rule_id = doc->id,
                         .rule_title = doc->title,
                         .reason = reason};
    va_list ap;
    va_start(ap, fmt);
    tcs_sigma_store_vdiag(r, d, fmt, ap);
    va_end(ap);
}

int
tcs_sigma_store_order(const struct tcs_doc *a, const struct tcs_doc *b)
{
    int c = tcs_base_str_cmp(a->id, b->id);
    if (c == 0)
        c = tcs_base_str_cmp(a->path, b->path);
    return c ? c : (a->line > b->line) - (a->line < b->line);
}
