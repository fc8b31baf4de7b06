/* detect/rulecache.c - the files of the rule cache: ownership, modes, atomic replacement.
 *
 * The hash and its check are sigma/cache.c's; here is who may have written the bytes. */
#include "detect/rulecache.h"

#include "process/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CACHE_MAX = 256 << 20 };

static void
hash_bytes(crypto_generichash_state *h, struct tcs_str s)
{
    uint64_t n = s.n; /* the length first, so that no two lists of texts look alike */
    crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
    crypto_generichash_update(h, (const unsigned char *)s.p, s.n);
}

/* This very program: another build may understand rules differently. */
static void
hash_program(crypto_generichash_state *h)
{
    struct stat st = {0};
    stat("/proc/self/exe", &st);
    const int64_t id[3] = {st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
    crypto_generichash_update(h, (const unsigned char *)id, sizeof id);
    hash_bytes(h, TCS_STR(TCS_VERSION));
}

void
tcs_detect_rulecache_content(uint8_t out[TCS_CACHE_CONTENT], const struct tcs_rulefiles *f,
                             const struct tcs_placeholder *ph, uint32_t nph)
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_CACHE_CONTENT);
    hash_program(&h);
    for (uint32_t i = 0; i < f->n; i++) {
        hash_bytes(&h, f->at[i].path);
        hash_bytes(&h, f->at[i].text);
    }
    for (uint32_t i = 0; i < nph; i++) {
        hash_bytes(&h, ph[i].name);
        for (uint32_t v = 0; v < ph[i].n; v++)
            hash_bytes(&h, ph[i].values[v]);
    }
    crypto_generichash_final(&h, out, TCS_CACHE_CONTENT);
}

/* One stored file for each set of paths, so that changed rules replace their older form. */
static uint64_t
name_hash(const struct tcs_rulefiles *f)
{
    uint64_t name = 0;
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, crypto_generichash_BYTES_MIN);
    unsigned char out[crypto_generichash_BYTES_MIN];
    for (uint32_t i = 0; i < f->n; i++)
        hash_bytes(&h, f->at[i].path);
    crypto_generichash_final(&h, out, sizeof out);
    memcpy(&name, out, sizeof name);
    return name;
}

/* A regular file of ours; `forbidden` are mode bits that it must not have. */
static int
open_ours(const char *path, mode_t forbidden, struct stat *st, struct tcs_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", path);
    if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
        !(st->st_mode & forbidden))
        return fd;
    close(fd);
    return tcs_base_fail(err, TCS_ECORRUPT, "%.150s: others own it or may change it; not used",
                         path);
}

static int
read_whole(int fd, void *p, size_t n)
{
    size_t at = 0;
    while (at < n) {
        ssize_t got = read(fd, (char *)p + at, n - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        at += (size_t)got;
    }
    return 0;
}

static int
write_whole(int fd, const void *p, size_t n)
{
    size_t at = 0;
    while (at < n) {
        ssize_t put = write(fd, (const char *)p + at, n - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return -1;
        at += (size_t)put;
    }
    return 0;
}

/* A new file with these bytes, mode 0600, in place of whatever `path` was. */
static int
replace(const char *path, const void *p, size_t n, struct tcs_err *err)
{
    char tmp[4096];
    int len = snprintf(tmp, sizeof tmp, "%s.%ld", path, (long)getpid());
    if (len < 0 || (size_t)len >= sizeof tmp)
        return tcs_base_fail(err, TCS_ELIMIT, "%.150s: path too long", path);
    unlink(tmp); /* left by a run that was killed */
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", tmp);
    int bad = write_whole(fd, p, n) < 0 ? errno : 0;
    if (close(fd) < 0 && !bad)
        bad = errno;
    if (!bad && rename(tmp, path) < 0)
        bad = errno;
    if (!bad)
        return 0;
    unlink(tmp);
    return tcs_base_fail_sys(err, bad, "%.150s", path);
}

/* The secret key, made on first use. */
static int
load_key(const char *path, uint8_t key[TCS_CACHE_KEY], struct tcs_err *err)
{
    struct stat st;
    int fd = open_ours(path, 077, &st, err);
    if (fd < 0 && err->sys == ENOENT) {
        randombytes_buf(key, TCS_CACHE_KEY);
        return replace(path, key, TCS_CACHE_KEY, err);
    }
    if (fd < 0)
        return fd;
    int r = st.st_size == TCS_CACHE_KEY ? read_whole(fd, key, TCS_CACHE_KEY) : -1;
    close(fd);
    return r < 0 ? tcs_base_fail(err, TCS_ECORRUPT, "%.150s: not a key", path) : 0;
}

static int
prepare(struct tcs_rulecache *c, struct tcs_arena *a, const struct tcs_rulefiles *f,
        struct tcs_err *err)
{
    const char *state, *cache;
    int r = sodium_init() < 0 ? tcs_base_fail(err, TCS_EIO, "no source of randomness") : 0;
    if (r == 0)
        r = tcs_process_dirs_state(a, &state, err);
    if (r == 0)
        r = tcs_process_dirs_cache(a, &cache, err);
    if (r < 0)
        return r;
    struct tcs_str key = tcs_base_arena_printf(a, "%s/rules.key", state);
    struct tcs_str path =
        tcs_base_arena_printf(a, "%s/rules-%016llx", cache, (unsigned long long)name_hash(f));
    if (!key.p || !path.p)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    r = load_key(key.p, c->key.key, err);
    if (r == 0)
        c->path = path.p;
    return r;
}

void
tcs_detect_rulecache_open(struct tcs_rulecache *c, struct tcs_arena *a,
                          const struct tcs_rulefiles *f, const struct tcs_placeholder *ph,
                          uint32_t nph, struct tcs_err *err)
{
    *c = (struct tcs_rulecache){0};
    if (prepare(c, a, f, err) == 0)
        tcs_detect_rulecache_content(c->key.content, f, ph, nph);
}

int
tcs_detect_rulecache_load(const struct tcs_rulecache *c, struct tcs_rules **ret,
                          struct tcs_err *err)
{
    struct stat st;
    if (!c->path)
        return 1;
    int fd = open_ours(c->path, 022, &st, err);
    if (fd < 0)
        return err->sys == ENOENT ? 1 : fd;
    struct tcs_buf b = {0};
    int r = 0;
    if (st.st_size <= 0 || st.st_size > CACHE_MAX)
        r = tcs_base_fail(err, TCS_ECORRUPT, "%.150s: not stored rules", c->path);
    else if (!tcs_base_buf_room(&b, (size_t)st.st_size))
        r = tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    else if (read_whole(fd, b.p, (size_t)st.st_size) < 0)
        r = tcs_base_fail(err, TCS_EIO, "%.150s: cannot read", c->path);
    close(fd);
    if (r == 0) {
        b.n = (size_t)st.st_size;
        r = tcs_sigma_rules_load(tcs_base_buf_view(&b), &c->key, ret, err);
        if (r < 0)
            tcs_base_wrap(err, "%.100s", c->path);
    }
    tcs_base_buf_done(&b);
    return r;
}

int
tcs_detect_rulecache_store(const struct tcs_rulecache *c, const struct tcs_rules *r,
                           struct tcs_err *err)
{
    struct tcs_buf b = {0};
    if (!c->path)
        return 0;
    int e = tcs_sigma_rules_save(r, &c->key, &b, err);
    if (e == 0)
        e = replace(c->path, b.p, b.n, err);
    tcs_base_buf_done(&b);
    return e;
}
