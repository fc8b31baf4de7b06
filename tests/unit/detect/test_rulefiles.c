/* Tests detect/rulefiles.c, rulecache.c, ruleparse.c and dirs.c on a folder of their own. */
#include "check.h"

#include "detect/rulecache.h"
#include "detect/ruleparse.h"
#include "process/dirs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/tocsin-test-XXXXXX";

static const char *
under(const char *name)
{
    static char path[8][512];
    static size_t next;
    char *p = path[next++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", top, name);
    return p;
}

static void
put(const char *name, const char *text)
{
    FILE *f = fopen(under(name), "wb");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void
folder(const char *name)
{
    assert_int_equal(mkdir(under(name), 0755), 0);
}

static int
setup(void **state)
{
    (void)state;
    return mkdtemp(top) && setenv("HOME", top, 1) == 0 && unsetenv("XDG_CACHE_HOME") == 0 &&
                   unsetenv("XDG_STATE_HOME") == 0 && unsetenv("STATE_DIRECTORY") == 0
               ? 0
               : -1;
}

static void
test_walk(void **state)
{
    struct tcs_rulefiles f;
    struct tcs_err err;
    (void)state;
    folder("r");
    folder("r/b");
    put("r/b/2.yml", "two");
    put("r/b/1.yaml", "one");
    put("r/a.yml", "a");
    put("r/.hidden.yml", "no");
    put("r/notes.txt", "no");
    put("given.txt", "given");
    assert_int_equal(mkfifo(under("r/pipe.yml"), 0600), 0); /* must not hang the walk */
    assert_int_equal(symlink("b", under("r/linked")), 0);
    assert_int_equal(symlink("../given.txt", under("r/c.yml")), 0);
    const char *paths[] = {under("given.txt"), under("r"), under("r/a.yml"), under("missing")};
    assert_int_equal(tcs_detect_rulefiles_read(&f, paths, 4, &err), 0);
    assert_int_equal(f.n, 5);
    check_str(f.at[0].path, under("given.txt"));
    check_str(f.at[1].text, "a");
    check_str(f.at[2].path, under("r/b/1.yaml"));
    check_str(f.at[3].text, "two");
    check_str(f.at[4].text, "given");
    assert_int_equal(f.notes.count[TCS_NOTE_UNREADABLE], 1);
    check_str(f.notes.kept[TCS_NOTE_UNREADABLE][0].path, under("missing"));
    tcs_detect_rulefiles_done(&f);
}

static void
test_placeholders(void **state)
{
    struct tcs_placeholder *ph;
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_err err;
    uint32_t n;
    (void)state;
    folder("ph");
    put("ph/b.txt", "# not this\n one \r\n\ntwo");
    put("ph/a.txt", "");
    put("ph/readme.md", "no");
    assert_int_equal(tcs_detect_rulefiles_placeholders(a, under("ph"), &ph, &n, &err), 0);
    assert_int_equal(n, 2);
    check_str(ph[0].name, "a");
    assert_int_equal(ph[0].n, 0);
    check_str(ph[1].name, "b");
    assert_int_equal(ph[1].n, 2);
    check_str(ph[1].values[0], "one");
    check_str(ph[1].values[1], "two");
    assert_int_equal(tcs_detect_rulefiles_placeholders(a, NULL, &ph, &n, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(tcs_detect_rulefiles_placeholders(a, under("none"), &ph, &n, &err), -TCS_EIO);
    tcs_base_arena_free(a);
}

static void
write_rules(int n)
{
    char name[64], text[512];
    folder("many");
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "many/%03d.yml", i);
        snprintf(
            text, sizeof text,
            "title: Rule %d\nid: 00000000-0000-4000-8000-%012d\nlogsource: {product: windows}\n"
            "detection: {a: {%s: x}, condition: a}\n",
            i, n - i, i % 10 ? "Image" : "Image|endswth");
        put(name, text);
    }
}

static bool
same_rules(const struct tcs_rules *a, const struct tcs_rules *b)
{
    uint32_t na, nb, da, db;
    const struct tcs_rule *ra = tcs_sigma_rules_all(a, &na), *rb = tcs_sigma_rules_all(b, &nb);
    const struct tcs_diag *ga = tcs_sigma_rules_diags(a, &da), *gb = tcs_sigma_rules_diags(b, &db);
    bool same = na == nb && da == db && tcs_sigma_rules_seen(a) == tcs_sigma_rules_seen(b);
    for (uint32_t i = 0; same && i < na; i++)
        same = tcs_base_str_eq(ra[i].doc.id, rb[i].doc.id) &&
               tcs_base_str_eq(ra[i].doc.path, rb[i].doc.path) && ra[i].npreds == rb[i].npreds;
    for (uint32_t i = 0; same && i < da; i++)
        same = tcs_base_str_eq(ga[i].path, gb[i].path) && ga[i].line == gb[i].line &&
               tcs_base_str_eq(ga[i].text, gb[i].text);
    return same;
}

static void
test_parse_on_threads(void **state)
{
    struct tcs_rulefiles f;
    struct tcs_rules *one, *many;
    struct tcs_err err;
    uint32_t n;
    (void)state;
    write_rules(300);
    const char *path = under("many");
    assert_int_equal(tcs_detect_rulefiles_read(&f, &path, 1, &err), 0);
    assert_int_equal(tcs_detect_ruleparse(&f, NULL, 0, 1, &one, &err), 0);
    tcs_sigma_rules_all(one, &n);
    assert_int_equal(n, 270);
    for (unsigned threads = 2; threads < 6; threads++) {
        assert_int_equal(tcs_detect_ruleparse(&f, NULL, 0, threads, &many, &err), 0);
        assert_true(same_rules(one, many));
        tcs_sigma_rules_free(many);
    }
    tcs_sigma_rules_free(one);
    tcs_detect_rulefiles_done(&f);
}

static void
test_cache(void **state)
{
    struct tcs_rulefiles f;
    struct tcs_rulecache c, other;
    struct tcs_rules *parsed, *loaded = NULL;
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_err err = {0};
    (void)state;
    const char *path = under("many");
    assert_int_equal(tcs_detect_rulefiles_read(&f, &path, 1, &err), 0);
    assert_int_equal(tcs_detect_ruleparse(&f, NULL, 0, 1, &parsed, &err), 0);
    tcs_detect_rulecache_open(&c, a, &f, NULL, 0, &err);
    assert_non_null(c.path);
    assert_int_equal(tcs_detect_rulecache_load(&c, &loaded, &err), 1); /* nothing there yet */
    assert_int_equal(tcs_detect_rulecache_store(&c, parsed, &err), 0);
    assert_int_equal(tcs_detect_rulecache_load(&c, &loaded, &err), 0);
    assert_true(same_rules(parsed, loaded));
    tcs_sigma_rules_free(loaded);

    /* one byte of one file more: the same place, another content */
    struct tcs_str text = f.at[7].text;
    f.at[7].text.n--;
    tcs_detect_rulecache_open(&other, a, &f, NULL, 0, &err);
    assert_string_equal(c.path, other.path);
    assert_int_equal(tcs_detect_rulecache_load(&other, &loaded, &err), 1);
    f.at[7].text = text;
    struct tcs_str value = TCS_STR("v");
    struct tcs_placeholder ph = {TCS_STR("p"), &value, 1};
    tcs_detect_rulecache_open(&other, a, &f, &ph, 1, &err);
    assert_int_equal(tcs_detect_rulecache_load(&other, &loaded, &err), 1);

    /* another key: not ours */
    other = c;
    other.key.key[0] ^= 1;
    assert_int_equal(tcs_detect_rulecache_load(&other, &loaded, &err), -TCS_ECORRUPT);
    assert_int_equal(chmod(c.path, 0620), 0);
    assert_int_equal(tcs_detect_rulecache_load(&c, &loaded, &err), -TCS_ECORRUPT);
    assert_int_equal(chmod(c.path, 0600), 0);
    assert_int_equal(truncate(c.path, 100), 0);
    assert_int_equal(tcs_detect_rulecache_load(&c, &loaded, &err), -TCS_ECORRUPT);

    /* a key that others can read is no secret */
    assert_int_equal(chmod(under(".local/state/tocsin/rules.key"), 0644), 0);
    tcs_detect_rulecache_open(&other, a, &f, NULL, 0, &err);
    assert_null(other.path);
    assert_int_equal(chmod(under(".cache/tocsin"), 0777), 0);
    const char *dir;
    assert_true(tcs_process_dirs_cache(a, &dir, &err) < 0);
    tcs_sigma_rules_free(parsed);
    tcs_detect_rulefiles_done(&f);
    tcs_base_arena_free(a);
}

static int
teardown(void **state)
{
    (void)state;
    /* top is a mkdtemp name: nothing in it that a shell would read differently */
    const char *args[] = {"rm", "-rf", top, NULL};
    pid_t pid = fork();
    if (pid == 0) {
        union {
            const char *const *in;
            char *const *out;
        } argv = {args};
        execvp("rm", argv.out);
        _exit(1);
    }
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_placeholders),
        cmocka_unit_test(test_parse_on_threads),
        cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
