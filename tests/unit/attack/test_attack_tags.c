/* unit/attack/test_attack_tags.c - every technique that SigmaHQ's rules carry as a tag is
 * known to the chain, and its number is current after renewal.  Truth: the rules of the corpora. */
#include "attack/attack_int.h"
#include "check.h"

#include <ctype.h>
#include <ftw.h>
#include <strings.h>

enum { TAGS_MAX = 2048 };

static char tags[TAGS_MAX][TCS_TECHNIQUE_MAX + 1];
static size_t ntags;

static void
add(const char *p)
{
    char tag[TCS_TECHNIQUE_MAX + 1] = {0};
    size_t n = 5;
    for (size_t i = 1; i < n; i++)
        if (!isdigit((unsigned char)p[i]))
            return;
    if (p[5] == '.' && isdigit((unsigned char)p[6]) && isdigit((unsigned char)p[7]))
        n = TCS_TECHNIQUE_MAX;
    memcpy(tag, p, n);
    tag[0] = 'T';
    for (size_t i = 0; i < ntags; i++)
        if (strcmp(tags[i], tag) == 0)
            return;
    assert_true(ntags < TAGS_MAX);
    memcpy(tags[ntags++], tag, sizeof tag);
}

static int
file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    static char line[1 << 16];
    size_t n = strlen(path);
    (void)st;
    (void)ftw;
    if (type != FTW_F || n < 4 || strcmp(path + n - 4, ".yml") != 0)
        return 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        for (const char *p = line; (p = strcasestr(p, "attack.t")); p += 8)
            if (isdigit((unsigned char)p[8]))
                add(p + 7);
    fclose(f);
    return 0;
}

static void
all_known(void **state)
{
    size_t unknown = 0;
    (void)state;
    printf("%zu techniques in tags\n", ntags);
    assert_true(ntags > 300);
    for (size_t i = 0; i < ntags; i++) {
        struct tcs_str t = tcs_attack_v19(tcs_base_str_of(tags[i]));
        if (tcs_attack_name(t).n)
            continue;
        printf("not known: %s\n", tags[i]);
        unknown++;
    }
    assert_int_equal(unknown, 0);
}

int
main(void)
{
    char path[4096];
    const char *corpora = check_corpora();
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_known)};
    if (!corpora)
        return EXIT_SKIP;
    snprintf(path, sizeof path, "%s/sigma", corpora);
    if (nftw(path, file, 16, FTW_PHYS) != 0 || ntags == 0) {
        puts("skipped: no SigmaHQ rules in the corpora");
        return EXIT_SKIP;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
