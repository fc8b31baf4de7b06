/* detect/profiles.c - finds and reads profile files; what they mean is stix/profile_in.c's. */
#include "detect/profiles.h"

#include "base/limits.h"
#include "detect/rulefiles.h"
#include "process/dirs.h"
#include "stix/profile_stix.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static int
no_memory(struct tcs_err *err)
{
    return tcs_base_fail(err, TCS_ENOMEM, "out of memory while reading profiles");
}

static int
add_file(struct tcs_profiles *p, const char *path, struct tcs_err *err)
{
    struct tcs_str text;
    if (p->n == TCS_PROFILES_MAX)
        return tcs_base_fail(err, TCS_ELIMIT, "more than %d profiles", TCS_PROFILES_MAX);
    struct tcs_profile *profile = tcs_base_arena_zalloc(p->arena, sizeof *profile);
    if (!profile)
        return no_memory(err);
    int r = tcs_detect_rulefiles_slurp(p->arena, path, TCS_PROFILE_FILE_MAX, &text, err);
    if (r < 0)
        return r; /* names the path itself */
    r = tcs_stix_profile_read(p->arena, text, profile, err);
    if (r < 0)
        return tcs_base_wrap(err, "%.150s", path);
    p->at[p->n++] = profile;
    return 0;
}

static int
is_json_file(const struct dirent *e)
{
    return e->d_name[0] != '.' && tcs_base_str_ends(tcs_base_str_of(e->d_name), TCS_STR(".json"));
}

/* Byte order: alphasort would ask the locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
add_folder(struct tcs_profiles *p, const char *dir, struct tcs_err *err)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_json_file, by_name), r = 0;
    if (n < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", dir);
    for (int i = 0; i < n; i++) {
        struct tcs_str path = tcs_base_arena_printf(p->arena, "%s/%s", dir, entries[i]->d_name);
        if (r == 0)
            r = path.p ? add_file(p, path.p, err) : no_memory(err);
        free(entries[i]);
    }
    free(entries);
    return r;
}

static int
add(struct tcs_profiles *p, const char *path, struct tcs_err *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", path);
    return S_ISDIR(st.st_mode) ? add_folder(p, path, err) : add_file(p, path, err);
}

int
tcs_detect_profiles_load(struct tcs_detect_list paths, struct tcs_profiles *ret,
                         struct tcs_err *err)
{
    const char *own;
    int r = 0;
    *ret = (struct tcs_profiles){.arena = tcs_base_arena_new(0)};
    ret->at =
        ret->arena ? tcs_base_arena_array(ret->arena, TCS_PROFILES_MAX, sizeof *ret->at) : NULL;
    if (!ret->at)
        return no_memory(err);
    for (size_t i = 0; r == 0 && i < paths.n; i++)
        r = add(ret, paths.at[i], err);
    if (paths.n == 0 && tcs_process_dirs_profiles(ret->arena, &own, NULL) == 0)
        r = add(ret, own, err);
    return r;
}

void
tcs_detect_profiles_done(struct tcs_profiles *p)
{
    tcs_base_arena_free(p->arena);
    *p = (struct tcs_profiles){0};
}
