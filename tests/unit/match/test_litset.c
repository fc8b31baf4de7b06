/* Literal sets against a naive search: each kind, all lengths, characters beyond ASCII. */
#include "match/litset.h"

#include "check.h"

enum { LITS = 400, TEXTS = 3000, TEXT_MAX = 80 };

static uint64_t seed = 0x1234567;

static uint32_t
rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

static bool hits[LITS];
static struct tcs_lit_costs costs;

static void
note(void *ctx, uint32_t id)
{
    *(uint32_t *)ctx += 1;
    hits[id] = true;
}

/* Few letters, so that literals are often found and often nearly found. */
static struct tcs_str
random_text(struct tcs_arena *a, size_t max)
{
    static const char *const pieces[] = {"a", "b", "ab", ".", "\\", "\u00e4", "\U0001f600", "exe"};
    char t[TEXT_MAX * 4];
    size_t n = 0, want = rnd((uint32_t)max + 1);
    while (n < want) {
        const char *p = pieces[rnd(8)];
        memcpy(t + n, p, strlen(p));
        n += strlen(p);
    }
    return tcs_base_arena_str(a, (struct tcs_str){t, n});
}

static bool
naive(const struct tcs_lit *l, struct tcs_str text)
{
    switch (l->kind) {
    case TCS_LIT_EXACT:
        return tcs_base_str_eq(l->text, text);
    case TCS_LIT_PREFIX:
        return tcs_base_str_starts(text, l->text);
    case TCS_LIT_SUFFIX:
        return tcs_base_str_ends(text, l->text);
    default:
        for (size_t i = 0; i + l->text.n <= text.n; i++)
            if (memcmp(text.p + i, l->text.p, l->text.n) == 0)
                return true;
        return false;
    }
}

/* The set once more, out of its image. */
static const struct tcs_litset *
reviewed(struct tcs_arena *a, const struct tcs_litset *ls, struct tcs_buf *image, uint32_t n)
{
    tcs_match_litset_save(ls, image);
    assert_false(image->failed);
    struct tcs_cursor c = tcs_base_cur(image->p, image->n);
    const struct tcs_litset *viewed = tcs_match_litset_view(&c, a, n);
    assert_non_null(viewed);
    assert_int_equal(tcs_base_cur_left(&c), 0);
    c = tcs_base_cur(image->p, image->n);
    assert_null(tcs_match_litset_view(&c, a, n - 1)); /* an id that nobody has */
    for (size_t cut = 0; cut < image->n; cut += 8) {
        c = tcs_base_cur(image->p, cut);
        assert_null(tcs_match_litset_view(&c, a, n));
    }
    return viewed;
}

/* Any bytes give no set, or one that reads and reports nothing beyond its own. */
static void
damage(struct tcs_arena *a, struct tcs_buf *image, uint32_t n, struct tcs_arena *texts)
{
    for (int i = 0; i < 200; i++) {
        uint32_t found = 0;
        char *at = image->p + rnd((uint32_t)image->n), was = *at;
        *at ^= (char)(1 + rnd(255));
        struct tcs_cursor c = tcs_base_cur(image->p, image->n);
        const struct tcs_litset *viewed = tcs_match_litset_view(&c, a, n);
        for (int t = 0; viewed && t < 10; t++)
            tcs_match_litset_scan(viewed, random_text(texts, TEXT_MAX), note, &found);
        *at = was;
    }
}

static void
check_set(uint32_t nlits, size_t longest)
{
    struct tcs_arena *a = tcs_base_arena_new(0), *tmp = tcs_base_arena_new(0),
                     *texts = tcs_base_arena_new(0);
    struct tcs_lit lits[LITS];
    uint32_t found = 0;
    for (uint32_t i = 0; i < nlits; i++) {
        struct tcs_lit l = {.id = i, .kind = (uint8_t)rnd(4)};
        do
            l.text = random_text(a, longest);
        while (!tcs_match_litset_takes(l.kind, l.text));
        l.place = tcs_match_litset_place(&costs, l.kind, l.text);
        lits[i] = l;
    }
    struct tcs_litset *ls = tcs_match_litset_build(a, tmp, lits, nlits);
    tcs_base_arena_free(tmp);
    struct tcs_buf image = {0};
    const struct tcs_litset *viewed = reviewed(a, ls, &image, nlits);
    for (int t = 0; t < TEXTS / 10; t++) {
        struct tcs_str text = random_text(texts, TEXT_MAX);
        memset(hits, 0, sizeof hits);
        tcs_match_litset_scan(t % 2 ? ls : viewed, text, note, &found);
        for (uint32_t i = 0; i < nlits; i++)
            if (hits[i] != naive(&lits[i], text))
                fail_msg("kind %d '%s' in '%s'", lits[i].kind, lits[i].text.p, text.p);
    }
    assert_true(found > 0);
    damage(a, &image, nlits, texts);
    tcs_base_buf_done(&image);
    tcs_base_arena_free(texts);
    tcs_base_arena_free(a);
}

static void
same_as_naive(void **state)
{
    (void)state;
    check_set(1, 3);
    check_set(5, 6);
    check_set(40, 12);
    for (int i = 0; i < 10; i++)
        check_set(LITS, 1 + rnd(24));
}

static void
takes(void **state)
{
    (void)state;
    assert_true(tcs_match_litset_takes(TCS_LIT_EXACT, TCS_STR("")));
    assert_false(tcs_match_litset_takes(TCS_LIT_SUFFIX, TCS_STR("")));
    assert_true(tcs_match_litset_takes(TCS_LIT_PREFIX, TCS_STR("a")));
    assert_false(tcs_match_litset_takes(TCS_LIT_CONTAINS, TCS_STR("a")));
    assert_true(tcs_match_litset_takes(TCS_LIT_CONTAINS, TCS_STR("\u00e4")));
    assert_true(tcs_match_litset_usual(&costs, TCS_STR("\\windows\\")));
    assert_false(tcs_match_litset_usual(&costs, TCS_STR("\\mimikatz")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_naive),
        cmocka_unit_test(takes),
    };
    tcs_match_lit_costs_init(&costs);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
