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
    assert_int_equal(tcs_detect_rulefiles_find(&f, paths, 4, true, &err), 0);
    assert_null(f.at[1].text.p);
    assert_int_equal(f.at[1].stamp.size, 1);
    assert_int_equal(tcs_detect_rulefiles_texts(&f, &err), 0);
    assert_int_equal(f.n, 5);
    check_str(f.at[0].path, under("given.txt"));
    check_str(f.at[1].text, "a");
    check_str(f.at[2].path, under("r/b/1.yaml"));
    check_str(f.at[3].text, "two");
    check_str(f.at[4].text, "given");
    assert_int_equal(f.notes.count[TCS_CAUSE_RULES], 1);
    check_str(f.notes.kept[0].path, under("missing"));
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
    assert_int_equal(tcs_detect_rulefiles_find(&f, &path, 1, true, &err), 0);
    assert_int_equal(tcs_detect_rulefiles_texts(&f, &err), 0);
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

/* A start: the files as they are now, and what is stored of them. */
struct start {
    struct tcs_rulefiles f;
    struct tcs_rulecache c;
    struct tcs_arena *a;
    struct tcs_rules *rules; /* NULL: nothing that fits is stored */
    uint8_t content[TCS_CACHE_CONTENT];
    struct tcs_err err;
    int loaded;
    uint32_t read; /* files that had to be */
};

static void
start(struct start *s, const struct tcs_placeholder *ph, uint32_t nph)
{
    const char *path = under("many");
    *s = (struct start){.a = tcs_base_arena_new(0)};
    assert_int_equal(tcs_detect_rulefiles_find(&s->f, &path, 1, true, &s->err), 0);
    tcs_detect_rulecache_open(&s->c, s->a, &path, 1, &s->err);
    assert_int_equal(tcs_detect_rulecache_files(&s->c, &s->f, &s->err), 0);
    tcs_detect_rulecache_content(s->content, &s->c, &s->f, ph, nph);
    s->loaded = tcs_detect_rulecache_load(&s->c, s->content, &s->rules, &s->err);
    for (uint32_t i = 0; i < s->f.n; i++)
        s->read += s->f.at[i].text.p != NULL;
}

static void
start_done(struct start *s)
{
    tcs_sigma_rules_free(s->rules);
    tcs_detect_rulecache_close(&s->c);
    tcs_detect_rulefiles_done(&s->f);
    tcs_base_arena_free(s->a);
}

/* Parses and stores, as if the files had been looked at `late` seconds later. */
static void
store(int late)
{
    struct start s;
    struct tcs_rules *parsed;
    start(&s, NULL, 0);
    assert_non_null(s.c.path);
    assert_int_equal(tcs_detect_rulefiles_texts(&s.f, &s.err), 0);
    assert_int_equal(tcs_detect_rulecache_files(&s.c, &s.f, &s.err), 0);
    assert_int_equal(tcs_detect_ruleparse(&s.f, NULL, 0, 1, &parsed, &s.err), 0);
    s.f.looked += late;
    assert_int_equal(tcs_detect_rulecache_store(&s.c, &s.f, s.content, parsed, &s.err), 0);
    tcs_sigma_rules_free(parsed);
    start_done(&s);
}

/* The same rules, after so many files were read. */
static void
check_hit(uint32_t read)
{
    struct start s;
    struct tcs_rules *parsed;
    start(&s, NULL, 0);
    assert_int_equal(s.loaded, 0);
    assert_int_equal(s.read, read);
    assert_int_equal(tcs_detect_rulefiles_texts(&s.f, &s.err), 0);
    assert_int_equal(tcs_detect_ruleparse(&s.f, NULL, 0, 1, &parsed, &s.err), 0);
    assert_true(same_rules(parsed, s.rules));
    tcs_sigma_rules_free(parsed);
    start_done(&s);
}

static void
check_miss(int loaded, bool opened)
{
    struct start s;
    start(&s, NULL, 0);
    assert_int_equal(s.loaded, loaded);
    assert_int_equal(s.err.code == TCS_ECORRUPT, !opened);
    start_done(&s);
}

/* claim: cache-key */
static void
test_cache(void **state)
{
    struct start s;
    (void)state;
    check_miss(1, true); /* nothing there yet */
    store(0);
    check_hit(300); /* changed just before they were looked at: looked into once more */
    store(60);
    check_hit(0);

    /* the same bytes with other times: that file alone is read */
    const char *name = "many/007.yml";
    struct stat st;
    assert_int_equal(stat(under(name), &st), 0);
    assert_int_equal(utimensat(AT_FDCWD, under(name), NULL, 0), 0);
    check_hit(1);
    start(&s, NULL, 0);
    assert_false(tcs_detect_rulecache_stale(&s.f)); /* too young to be stored once more */
    s.f.looked += 60;
    assert_true(tcs_detect_rulecache_stale(&s.f));
    start_done(&s);

    /* other bytes, as many of them, with the same times: ctime tells */
    FILE *f = fopen(under(name), "r+b");
    assert_non_null(f);
    fputs("#itle", f);
    assert_int_equal(fclose(f), 0);
    const struct timespec times[] = {st.st_atim, st.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, under(name), times, 0), 0);
    check_miss(1, true);
    store(60);
    check_hit(0);

    /* a file more, a file less, a file under another name, another placeholder */
    put("many/z.yml", "title: Z");
    check_miss(1, true);
    assert_int_equal(unlink(under("many/z.yml")), 0);
    check_hit(0);
    assert_int_equal(rename(under(name), under("many/y.yml")), 0);
    check_miss(1, true);
    assert_int_equal(rename(under("many/y.yml"), under(name)), 0);
    check_hit(1);
    struct tcs_str value = TCS_STR("v");
    struct tcs_placeholder ph = {TCS_STR("p"), &value, 1};
    start(&s, &ph, 1);
    assert_int_equal(s.loaded, 1);
    start_done(&s);
}

/* claim: cache-foreign */
static void
test_cache_of_others(void **state)
{
    struct start s;
    (void)state;
    store(60);
    start(&s, NULL, 0);
    char path[512];
    snprintf(path, sizeof path, "%s", s.c.path);
    start_done(&s);
    assert_int_equal(chmod(path, 0620), 0);
    check_miss(1, false);
    assert_int_equal(chmod(path, 0600), 0);
    check_hit(0);

    /* each byte counts: those of the head, of the list of files, of the rules */
    assert_int_equal(stat(path, &(struct stat){0}), 0);
    for (long at = 0; at < 40000; at += at < 400 ? 1 : 997) {
        FILE *f = fopen(path, "r+b");
        assert_non_null(f);
        assert_int_equal(fseek(f, at, SEEK_SET), 0);
        int c = fgetc(f);
        assert_int_equal(fseek(f, at, SEEK_SET), 0);
        fputc(c ^ 1, f);
        assert_int_equal(fclose(f), 0);
        start(&s, NULL, 0);
        assert_int_equal(s.loaded, 1);
        assert_int_equal(s.err.code, TCS_ECORRUPT);
        start_done(&s);
        f = fopen(path, "r+b");
        assert_non_null(f);
        assert_int_equal(fseek(f, at, SEEK_SET), 0);
        fputc(c, f);
        assert_int_equal(fclose(f), 0);
    }
    check_hit(0);
    assert_int_equal(truncate(path, 1000), 0);
    check_miss(1, false);
    assert_int_equal(truncate(path, 10), 0);
    check_miss(1, false);

    /* another key: not ours; a key that others can read is no secret */
    store(60);
    const char *key = under(".local/state/tocsin/rules.key");
    assert_int_equal(unlink(key), 0);
    check_miss(1, false);
    store(60);
    check_hit(0);
    assert_int_equal(chmod(key, 0644), 0);
    start(&s, NULL, 0);
    assert_null(s.c.path);
    start_done(&s);
    assert_int_equal(chmod(key, 0600), 0);
    assert_int_equal(chmod(under(".cache/tocsin"), 0777), 0);
    struct tcs_arena *a = tcs_base_arena_new(0);
    const char *dir;
    assert_true(tcs_process_dirs_cache(a, &dir, &s.err) < 0);
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
        cmocka_unit_test(test_cache_of_others),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
