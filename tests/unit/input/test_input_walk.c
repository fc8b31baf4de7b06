/* tests/unit/input/test_input_walk.c - the order of files, links, loops, what is not opened. */
#include "base/limits.h"
#include "input/walk.h"
#include "input_collect.h"

#include <sys/stat.h>

static void
check_walk(const char *const *paths, size_t n, const char *want)
{
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_walk w;
    struct tcs_err err;
    struct tcs_buf b = {0};
    assert_int_equal(tcs_input_walk_paths(paths, n, NULL, 0, a, &w, &err), 0);
    for (size_t i = 0; i < w.n; i++)
        tcs_base_buf_printf(&b, "%s %s%s\n", w.entries[i].path,
                            w.entries[i].msg ? w.entries[i].msg : "ok",
                            w.entries[i].link ? " link" : "");
    collect_check(&b, want);
    tcs_base_buf_done(&b);
    tcs_input_walk_done(&w);
    tcs_base_arena_free(a);
}

static void
test_order(void **state)
{
    (void)state;
    assert_int_equal(mkdir("o", 0755), 0);
    assert_int_equal(mkdir("o/b", 0755), 0);
    tmp_write("o/a", "1", 1);
    tmp_write("o/b/z", "22", 2);
    tmp_write("o/b/y", "", 0);
    tmp_write("o/B", "", 0);
    tmp_write("o/b.x", "", 0);
    check_walk((const char *const[]){"o"}, 1, "o/B ok\no/a ok\no/b/y ok\no/b/z ok\no/b.x ok\n");
    /* the user's order stays, a path given twice is read twice, a last slash is not doubled */
    check_walk((const char *const[]){"o/b/", "o/a", "o/a"}, 3,
               "o/b/y ok\no/b/z ok\no/a ok\no/a ok\n");
}

static void
test_links(void **state)
{
    (void)state;
    assert_int_equal(mkdir("l", 0755), 0);
    assert_int_equal(mkdir("l/d", 0755), 0);
    tmp_write("l/d/f", "x", 1);
    assert_int_equal(symlink("d/f", "l/to-file"), 0);
    assert_int_equal(symlink("d", "l/to-folder"), 0);
    assert_int_equal(symlink("..", "l/d/up"), 0);
    assert_int_equal(symlink("nowhere", "l/broken"), 0);
    check_walk((const char *const[]){"l"}, 1,
               "l/broken cannot follow the link: No such file or directory\n"
               "l/d/f ok\nl/d/up a link to a folder, not entered\nl/to-file ok link\n"
               "l/to-folder a link to a folder, not entered\n");
    /* a folder that the user names is entered though it is a link */
    check_walk((const char *const[]){"l/to-folder"}, 1,
               "l/to-folder/f ok\nl/to-folder/up a link to a folder, not entered\n");
}

static void
test_not_files(void **state)
{
    (void)state;
    assert_int_equal(mkdir("n", 0755), 0);
    assert_int_equal(mkfifo("n/pipe", 0644), 0);
    check_walk((const char *const[]){"n", "/dev/null", "missing", "-"}, 4,
               "n/pipe not a regular file, not opened\n"
               "/dev/null not a regular file, not opened\n"
               "missing cannot be read: No such file or directory\n"
               "- ok\n");
}

static void
test_unreadable(void **state)
{
    (void)state;
    assert_int_equal(mkdir("u", 0755), 0);
    assert_int_equal(mkdir("u/closed", 0), 0);
    tmp_write("u/open", "", 0);
    if (access("u/closed", R_OK) == 0)
        check_walk((const char *const[]){"u"}, 1, "u/open ok\n"); /* root reads everything */
    else
        check_walk((const char *const[]){"u"}, 1,
                   "u/closed cannot read the folder: Permission denied\nu/open ok\n");
}

/* claim: limit-nesting */
static void
test_depth(void **state)
{
    (void)state;
    char path[4096] = "deep";
    for (int i = 0; i <= TCS_WALK_DEPTH_MAX; i++) {
        assert_int_equal(mkdir(path, 0755), 0);
        size_t n = strlen(path);
        snprintf(path + n, sizeof path - n, "/%02d", i);
    }
    struct tcs_arena *a = tcs_base_arena_new(0);
    struct tcs_walk w;
    const char *top = "deep";
    assert_int_equal(tcs_input_walk_paths(&top, 1, NULL, 0, a, &w, NULL), 0);
    assert_int_equal(w.n, 1);
    assert_int_equal(w.entries[0].cause, TCS_CAUSE_TOO_DEEP);
    assert_string_equal(w.entries[0].msg, "folders are nested too deeply, not entered");
    tcs_input_walk_done(&w);
    tcs_base_arena_free(a);
}

int
main(void)
{
    char dir[64];
    tmp_make(dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),     cmocka_unit_test(test_links),
        cmocka_unit_test(test_not_files), cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_depth),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tmp_remove(dir);
    return failed;
}
