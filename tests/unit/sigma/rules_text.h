/* tests/unit/sigma/rules_text.h - a rule's tree as one line of text, for expectations.
 *
 * and(x,y) or(..) not(..); Field=text with <*> and <?> for the wildcards; Field~regex/flags;
 * Field#number; Field null; Field exists 1; Field@addr/bits; Field&other; c after = : cased. */
#pragma once
#include "check.h"

#include "base/buf.h"
#include "sigma/rules.h"

static const char *const rt_cmp[] = {"", "!", "<", "<=", ">", ">="};

static inline void
rt_text(struct tcs_buf *b, struct tcs_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == TCS_ANY_RUN)
            tcs_buf_lit(b, "<*>");
        else if (s.p[i] == TCS_ANY_ONE)
            tcs_buf_lit(b, "<?>");
        else
            tcs_base_buf_c(b, s.p[i]);
    }
}

static inline void
rt_pred(struct tcs_buf *b, const struct tcs_pred *p)
{
    static const char *const part[] = {"minute", "hour", "day", "week", "month", "year"};
    tcs_base_buf_str(b, p->field);
    switch (p->kind) {
    case TCS_P_STR:
        tcs_base_buf_printf(b, "=%s", p->flags & TCS_PF_CASED ? "c:" : "");
        rt_text(b, p->text);
        break;
    case TCS_P_RE:
        tcs_buf_lit(b, "~");
        tcs_base_buf_str(b, p->text);
        tcs_base_buf_printf(b, "/%s%s%s", p->flags & TCS_PF_RE_I ? "i" : "",
                            p->flags & TCS_PF_RE_M ? "m" : "", p->flags & TCS_PF_RE_S ? "s" : "");
        break;
    case TCS_P_NUM:
        tcs_base_buf_printf(b, "#%s%g", rt_cmp[p->cmp], p->num);
        break;
    case TCS_P_NULL:
        tcs_buf_lit(b, " null");
        break;
    case TCS_P_EXISTS:
        tcs_base_buf_printf(b, " exists %g", p->num);
        break;
    case TCS_P_CIDR:
        tcs_buf_lit(b, "@");
        for (unsigned i = 0; i < 16; i++)
            tcs_base_buf_printf(b, "%02x", p->addr[i]);
        tcs_base_buf_printf(b, "/%u", p->bits);
        break;
    case TCS_P_FIELDREF:
        tcs_base_buf_printf(b, "&%s%s%s%s%.*s", p->flags & TCS_PF_REF_CONTAINS ? "contains:" : "",
                            p->flags & TCS_PF_REF_STARTS ? "starts:" : "",
                            p->flags & TCS_PF_REF_ENDS ? "ends:" : "",
                            p->flags & TCS_PF_CASED ? "c:" : "", TCS_STR_FMT(p->text));
        break;
    case TCS_P_TIMEPART:
        tcs_base_buf_printf(b, " %s %s%g", part[p->part], rt_cmp[p->cmp], p->num);
        break;
    default:
        fail_msg("predicate of kind %d", p->kind);
    }
}

static inline void
rt_node(struct tcs_buf *b, const struct tcs_rule *r, uint32_t at)
{
    assert_true(at < r->nnodes);
    const struct tcs_node *n = &r->nodes[at];
    if (n->op == TCS_N_PRED) {
        rt_pred(b, &r->preds[n->a]);
    } else if (n->op == TCS_N_SEARCH) {
        rt_node(b, r, r->searches[n->a].root);
    } else {
        tcs_base_buf_printf(b, "%s(",
                            n->op == TCS_N_AND  ? "and"
                            : n->op == TCS_N_OR ? "or"
                                                : "not");
        if (n->op == TCS_N_NOT)
            rt_node(b, r, n->a);
        for (uint32_t i = 0; n->op != TCS_N_NOT && i < n->n; i++) {
            if (i)
                tcs_base_buf_c(b, ',');
            rt_node(b, r, r->kids[n->a + i]);
        }
        tcs_base_buf_c(b, ')');
    }
}

static inline struct tcs_rules *
rt_load(const char *yaml)
{
    struct tcs_err err;
    struct tcs_rules *r = tcs_sigma_rules_new(NULL, 0);
    assert_non_null(r);
    assert_int_equal(tcs_sigma_rules_add(r, TCS_STR("t.yml"), tcs_base_str_of(yaml), &err), 0);
    assert_int_equal(tcs_sigma_rules_finish(r, &err), 0);
    return r;
}

/* A whole rule around the inside of `detection:` (lines indented by 4). */
static inline char *
rt_rule(const char *detection)
{
    static char text[16384];
    snprintf(text, sizeof text,
             "title: T\nid: 00000000-0000-4000-8000-000000000001\nlogsource:\n    product: "
             "windows\ndetection:\n%s\n",
             detection);
    return text;
}

/* The detection's tree is `want`, without an error. */
static inline void
rt_tree(const char *detection, const char *want)
{
    uint32_t n, ndiags;
    struct tcs_buf b = {0};
    struct tcs_rules *r = rt_load(rt_rule(detection));
    const struct tcs_rule *rule = tcs_sigma_rules_all(r, &n);
    const struct tcs_diag *d = tcs_sigma_rules_diags(r, &ndiags);
    if (n != 1)
        fail_msg("refused: %s\n%s", detection, ndiags ? d[0].text.p : "");
    rt_node(&b, rule, rule->root);
    check_str(tcs_base_buf_view(&b), want);
    tcs_base_buf_done(&b);
    tcs_sigma_rules_free(r);
}

/* A diagnostic of that severity, reason, place (line 0: anywhere) whose text holds `part`. */
static inline void
rt_expect(const struct tcs_rules *r, uint8_t severity, const char *reason, uint32_t line,
          uint32_t col, const char *part)
{
    uint32_t n;
    const struct tcs_diag *d = tcs_sigma_rules_diags(r, &n);
    for (uint32_t i = 0; i < n; i++)
        if (d[i].severity == severity && strcmp(d[i].reason, reason) == 0 &&
            (line == 0 || (d[i].line == line && d[i].col == col)) &&
            memmem(d[i].text.p, d[i].text.n, part, strlen(part)))
            return;
    for (uint32_t i = 0; i < n; i++)
        printf("  has: %u:%u %s: %.*s\n", d[i].line, d[i].col, d[i].reason, TCS_STR_FMT(d[i].text));
    fail_msg("no diagnostic %u:%u %s: ...%s...", line, col, reason, part);
}

/* The detection is refused for that reason; lines count from 1 at the first of `detection`. */
static inline void
rt_refused(const char *detection, const char *reason, uint32_t line, uint32_t col, const char *part)
{
    uint32_t n;
    struct tcs_rules *r = rt_load(rt_rule(detection));
    (void)tcs_sigma_rules_all(r, &n);
    assert_int_equal(n, 0);
    rt_expect(r, TCS_SEV_ERROR, reason, line ? line + 5 : 0, col, part);
    tcs_sigma_rules_free(r);
}
