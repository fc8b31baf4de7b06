/* tests/differential/dump_rules.c - rule files in (paths on standard input), checked rules out as
 * JSON lines: the tree of each with its predicates, and each diagnostic.  For comparing our reading
 * of rules with that of another program. */
#include "base/buf.h"
#include "sigma/rules.h"

#include <stdio.h>
#include <stdlib.h>

static void
put_str(struct tcs_buf *b, const char *key, struct tcs_str s)
{
    tcs_base_buf_printf(b, "\"%s\":\"", key);
    tcs_base_buf_json(b, s);
    tcs_buf_lit(b, "\"");
}

/* Wildcards are shown as <*> and <?>. */
static void
put_pattern(struct tcs_buf *b, struct tcs_str s)
{
    tcs_buf_lit(b, "\"text\":\"");
    size_t from = 0;
    for (size_t i = 0; i <= s.n; i++) {
        if (i < s.n && s.p[i] != TCS_ANY_RUN && s.p[i] != TCS_ANY_ONE)
            continue;
        tcs_base_buf_json(b, tcs_base_str_slice(s, from, i));
        if (i < s.n)
            tcs_base_buf_put(b, s.p[i] == TCS_ANY_RUN ? "<*>" : "<?>", 3);
        from = i + 1;
    }
    tcs_buf_lit(b, "\"");
}

static void
put_pred(struct tcs_buf *b, const struct tcs_pred *p)
{
    static const char *const kinds[] = {"str",  "re",     "cidr",     "num",
                                        "null", "exists", "fieldref", "timepart"};
    tcs_base_buf_printf(b, "{\"pred\":\"%s\",\"flags\":%u,", kinds[p->kind], p->flags);
    put_str(b, "field", p->field);
    tcs_buf_lit(b, ",");
    if (p->kind == TCS_P_STR)
        put_pattern(b, p->text);
    else
        put_str(b, "text", p->text);
    if (p->kind == TCS_P_CIDR) {
        tcs_buf_lit(b, ",\"addr\":\"");
        for (unsigned i = 0; i < 16; i++)
            tcs_base_buf_printf(b, "%02x", p->addr[i]);
        tcs_base_buf_printf(b, "/%u\"", p->bits);
    }
    if (p->kind == TCS_P_NUM || p->kind == TCS_P_EXISTS || p->kind == TCS_P_TIMEPART)
        tcs_base_buf_printf(b, ",\"cmp\":%u,\"part\":%u,\"num\":%.17g", p->cmp, p->part, p->num);
    tcs_buf_lit(b, "}");
}

static void
put_node(struct tcs_buf *b, const struct tcs_rule *r, uint32_t at)
{
    const struct tcs_node *n = &r->nodes[at];
    switch (n->op) {
    case TCS_N_PRED:
        put_pred(b, &r->preds[n->a]);
        return;
    case TCS_N_SEARCH:
        put_node(b, r, r->searches[n->a].root);
        return;
    case TCS_N_NOT:
        tcs_buf_lit(b, "{\"not\":");
        put_node(b, r, n->a);
        tcs_buf_lit(b, "}");
        return;
    default:
        tcs_base_buf_printf(b, "{\"%s\":[", n->op == TCS_N_AND ? "and" : "or");
        for (uint32_t i = 0; i < n->n; i++) {
            if (i)
                tcs_buf_lit(b, ",");
            put_node(b, r, r->kids[n->a + i]);
        }
        tcs_buf_lit(b, "]}");
    }
}

static void
put_diag(struct tcs_buf *b, const struct tcs_diag *d)
{
    tcs_base_buf_printf(b, "{\"diag\":\"%s\",\"line\":%u,\"col\":%u,",
                        d->severity == TCS_SEV_ERROR ? "error" : "warning", d->line, d->col);
    put_str(b, "path", d->path);
    tcs_buf_lit(b, ",");
    put_str(b, "reason", tcs_base_str_of(d->reason));
    tcs_buf_lit(b, ",");
    put_str(b, "text", d->text);
    tcs_buf_lit(b, "}\n");
}

static int
add_file(struct tcs_rules *r, char *path)
{
    char *text = NULL;
    size_t n = 0;
    struct tcs_err err;
    FILE *f = fopen(path, "rb");
    if (!f || getdelim(&text, &n, EOF, f) < 0) {
        perror(path);
        return -1;
    }
    long len = ftell(f);
    fclose(f);
    int rc =
        tcs_sigma_rules_add(r, tcs_base_str_of(path), (struct tcs_str){text, (size_t)len}, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.msg);
    free(text);
    return rc;
}

int
main(void)
{
    char line[4096];
    struct tcs_err err;
    struct tcs_buf b = {0};
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    while (r && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (add_file(r, line) < 0)
            return 1;
    }
    if (!r || tcs_sigma_rules_finish(r, &err) < 0)
        return 1;
    uint32_t n, ndiags;
    const struct tcs_rule *rules = tcs_sigma_rules_all(r, &n);
    const struct tcs_diag *diags = tcs_sigma_rules_diags(r, &ndiags);
    for (uint32_t i = 0; i < n; i++) {
        tcs_buf_lit(&b, "{");
        put_str(&b, "id", rules[i].doc.id);
        tcs_buf_lit(&b, ",");
        put_str(&b, "path", rules[i].doc.path);
        tcs_buf_lit(&b, ",\"tree\":");
        put_node(&b, &rules[i], rules[i].root);
        tcs_buf_lit(&b, "}\n");
    }
    for (uint32_t i = 0; i < ndiags; i++)
        put_diag(&b, &diags[i]);
    fwrite(b.p, 1, b.n, stdout);
    fprintf(stderr, "%u documents, %u rules, %u diagnostics\n", tcs_sigma_rules_seen(r), n, ndiags);
    tcs_base_buf_done(&b);
    tcs_sigma_rules_free(r);
    return 0;
}
