/* detect/sealed.c - ownership, modes, tags and atomic replacement of the files that are kept for
 * the next run.  What the bytes mean is the callers' (rulecache.c). */
#include "detect/sealed.h"

#include "base/limits.h"
#include "process/dirs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* magic 8 | nonce 32 | tag 16 | zero 8 | the bytes; the tag is over all behind it */
enum { MAGIC = 8, NONCE = 32, TAG = 16, TAGGED = MAGIC + NONCE + TAG, HEAD = 64 };

static const char magic[MAGIC] = "tcsseal1";

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
replace(const char *path, const struct tcs_str *parts, size_t n, struct tcs_err *err)
{
    char tmp[4096];
    int len = snprintf(tmp, sizeof tmp, "%s.%ld", path, (long)getpid());
    if (len < 0 || (size_t)len >= sizeof tmp)
        return tcs_base_fail(err, TCS_ELIMIT, "%.150s: path too long", path);
    unlink(tmp); /* left by a run that was killed */
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return tcs_base_fail_sys(err, errno, "%.150s", tmp);
    int bad = 0;
    for (size_t i = 0; i < n && !bad; i++)
        bad = write_whole(fd, parts[i].p, parts[i].n) < 0 ? errno : 0;
    if (close(fd) < 0 && !bad)
        bad = errno;
    if (!bad && rename(tmp, path) < 0)
        bad = errno;
    if (!bad)
        return 0;
    unlink(tmp);
    return tcs_base_fail_sys(err, bad, "%.150s", path);
}

int
tcs_detect_seal_key(struct tcs_arena *a, uint8_t key[TCS_SEAL_KEY], struct tcs_err *err)
{
    struct stat st;
    const char *state;
    int r = sodium_init() < 0 ? tcs_base_fail(err, TCS_EIO, "no source of randomness")
                              : tcs_process_dirs_state(a, &state, err);
    if (r < 0)
        return r;
    struct tcs_str path = tcs_base_arena_printf(a, "%s/rules.key", state);
    if (!path.p)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    int fd = open_ours(path.p, 077, &st, err);
    if (fd < 0 && err->sys == ENOENT) {
        randombytes_buf(key, TCS_SEAL_KEY);
        return replace(path.p, &(struct tcs_str){(const char *)key, TCS_SEAL_KEY}, 1, err);
    }
    if (fd < 0)
        return fd;
    r = st.st_size == TCS_SEAL_KEY ? read_whole(fd, key, TCS_SEAL_KEY) : -1;
    close(fd);
    return r < 0 ? tcs_base_fail(err, TCS_ECORRUPT, "%.150s: not a key", path.p) : 0;
}

/* Poly1305 is sound only under a key that no other bytes had: each file has one of its own. */
static void
file_key(uint8_t out[crypto_onetimeauth_KEYBYTES], const uint8_t key[TCS_SEAL_KEY],
         const uint8_t nonce[NONCE])
{
    uint8_t text[MAGIC + NONCE];
    memcpy(text, magic, MAGIC);
    memcpy(text + MAGIC, nonce, NONCE);
    /* fails only for sizes that it does not take */
    (void)crypto_generichash(out, crypto_onetimeauth_KEYBYTES, text, sizeof text, key,
                             TCS_SEAL_KEY);
}

static bool
genuine(const struct tcs_sealed *s, const uint8_t key[TCS_SEAL_KEY])
{
    uint8_t own[crypto_onetimeauth_KEYBYTES];
    const uint8_t *p = s->map;
    if (memcmp(p, magic, MAGIC) != 0)
        return false;
    file_key(own, key, p + MAGIC);
    bool same =
        crypto_onetimeauth_verify(p + MAGIC + NONCE, p + TAGGED, s->size - TAGGED, own) == 0;
    sodium_memzero(own, sizeof own);
    return same;
}

int
tcs_detect_seal_map(const char *path, const uint8_t key[TCS_SEAL_KEY], struct tcs_sealed *ret,
                    struct tcs_err *err)
{
    struct stat st;
    struct tcs_sealed s = {0};
    int fd = open_ours(path, 022, &st, err);
    if (fd < 0)
        return err->sys == ENOENT ? 1 : fd;
    if (st.st_size <= HEAD || st.st_size > TCS_CACHE_MAX) {
        close(fd);
        return tcs_base_fail(err, TCS_ECORRUPT, "%.150s: damaged, or not made by us", path);
    }
    s.size = (size_t)st.st_size;
    s.map = mmap(NULL, s.size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    int bad = errno;
    close(fd);
    if (s.map == MAP_FAILED)
        return tcs_base_fail_sys(err, bad, "%.150s", path);
    s.bytes = (struct tcs_str){(const char *)s.map + HEAD, s.size - HEAD};
    if (!genuine(&s, key)) {
        tcs_detect_seal_unmap(&s);
        return tcs_base_fail(err, TCS_ECORRUPT, "%.150s: damaged, or not made by us", path);
    }
    *ret = s;
    return 0;
}

void
tcs_detect_seal_unmap(struct tcs_sealed *s)
{
    if (s->map)
        munmap(s->map, s->size);
    *s = (struct tcs_sealed){0};
}

int
tcs_detect_seal_store(const char *path, const uint8_t key[TCS_SEAL_KEY],
                      const struct tcs_str *parts, size_t n, struct tcs_err *err)
{
    enum { PARTS_MAX = 4 };
    uint8_t head[HEAD] = {0}, own[crypto_onetimeauth_KEYBYTES];
    struct tcs_str all[PARTS_MAX + 1] = {{(const char *)head, HEAD}};
    crypto_onetimeauth_state tag;
    if (n > PARTS_MAX)
        return tcs_base_fail(err, TCS_EUSAGE, "more than %d parts", PARTS_MAX);
    memcpy(head, magic, MAGIC);
    randombytes_buf(head + MAGIC, NONCE);
    file_key(own, key, head + MAGIC);
    crypto_onetimeauth_init(&tag, own);
    crypto_onetimeauth_update(&tag, head + TAGGED, HEAD - TAGGED);
    for (size_t i = 0; i < n; i++) {
        all[i + 1] = parts[i];
        crypto_onetimeauth_update(&tag, (const uint8_t *)parts[i].p, parts[i].n);
    }
    crypto_onetimeauth_final(&tag, head + MAGIC + NONCE);
    sodium_memzero(own, sizeof own);
    return replace(path, all, n + 1, err);
}

/* Removes the oldest if there are more than `keep`; is there perhaps more to remove? */
static bool
drop_oldest(DIR *d, struct tcs_str kind, size_t keep)
{
    char oldest[NAME_MAX + 1] = "";
    struct timespec least = {0};
    size_t count = 0;
    const struct dirent *e;
    rewinddir(d);
    while ((e = readdir(d))) {
        struct stat st;
        struct tcs_str name = tcs_base_str_of(e->d_name);
        if (!tcs_base_str_starts(name, kind) || name.n >= sizeof oldest ||
            fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (count++ == 0 || st.st_mtim.tv_sec < least.tv_sec ||
            (st.st_mtim.tv_sec == least.tv_sec && st.st_mtim.tv_nsec < least.tv_nsec)) {
            least = st.st_mtim;
            memcpy(oldest, name.p, name.n + 1);
        }
    }
    return count > keep && unlinkat(dirfd(d), oldest, 0) == 0;
}

void
tcs_detect_seal_prune(const char *path, size_t keep)
{
    char folder[PATH_MAX];
    const char *name = strrchr(path, '/'), *end = name ? strchr(name, '-') : NULL;
    size_t n = name ? (size_t)(name - path) : 0;
    if (!end || n >= sizeof folder)
        return;
    memcpy(folder, path, n);
    folder[n] = '\0';
    DIR *d = opendir(folder);
    while (d && drop_oldest(d, (struct tcs_str){name + 1, (size_t)(end - name)}, keep))
        ;
    if (d)
        closedir(d);
}
