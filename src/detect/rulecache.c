/* detect/rulecache.c - which files the stored rules were made of, and whether they still are those.
 *
 *   magic 8 | program 32 | content 32 | files 32 | looked 8 | count 4 | count x (path, stamp, hash)
 *   | the rules (sigma/cache.h)
 *
 * Numbers are little-endian, a path is its length and its bytes.  Who may have written the bytes is
 * sealed.c's. */
#include "detect/rulecache.h"

#include "base/cursor.h"
#include "process/dirs.h"
#include "sigma/cache.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAGIC = 8, VERSION = 4, STAMP_NUMBERS = 8, YOUNG_S = 2, KEEP = 8 };

static const char magic[MAGIC] = "tcsrules";

struct tcs_cached_file {
    struct tcs_str path;
    struct tcs_filestamp stamp;
    const uint8_t *hash;
};

static void
hash_bytes(crypto_generichash_state *h, struct tcs_str s)
{
    uint64_t n = s.n; /* the length first, so that no two lists of texts look alike */
    crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
    crypto_generichash_update(h, (const unsigned char *)s.p, s.n);
}

/* This very program: another build may understand rules differently, or lay them out so. */
static void
hash_program(uint8_t out[TCS_CACHE_CONTENT])
{
    crypto_generichash_state h;
    struct stat st = {0};
    stat("/proc/self/exe", &st);
    const int64_t id[4] = {st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec, VERSION};
    crypto_generichash_init(&h, NULL, 0, TCS_CACHE_CONTENT);
    crypto_generichash_update(&h, (const unsigned char *)id, sizeof id);
    hash_bytes(&h, TCS_STR(TCS_VERSION));
    crypto_generichash_final(&h, out, TCS_CACHE_CONTENT);
}

static void
hash_text(uint8_t out[TCS_FILE_HASH], struct tcs_str s)
{
    /* fails only for sizes that it does not take */
    (void)crypto_generichash(out, TCS_FILE_HASH, (const uint8_t *)s.p, s.n, NULL, 0);
}

static void
hash_files(uint8_t out[TCS_FILE_HASH], const struct tcs_rulefiles *f)
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, TCS_FILE_HASH);
    for (uint32_t i = 0; i < f->n; i++) {
        uint8_t own[TCS_FILE_HASH];
        const struct tcs_rulefile *file = &f->at[i];
        memcpy(own, file->hash, sizeof own);
        if (file->text.p && !file->hashed)
            hash_text(own, file->text);
        hash_bytes(&h, file->path);
        crypto_generichash_update(&h, own, sizeof own);
    }
    crypto_generichash_final(&h, out, TCS_FILE_HASH);
}

static const uint8_t *
stored_files(const struct tcs_rulecache *c)
{
    return (const uint8_t *)c->file.bytes.p + MAGIC + 2 * TCS_CACHE_CONTENT;
}

void
tcs_detect_rulecache_content(uint8_t out[TCS_CACHE_CONTENT], const struct tcs_rulecache *c,
                             const struct tcs_rulefiles *f, const struct tcs_placeholder *ph,
                             uint32_t nph)
{
    crypto_generichash_state h;
    uint8_t program[TCS_CACHE_CONTENT], files[TCS_FILE_HASH];
    hash_program(program);
    if (c->same)
        memcpy(files, stored_files(c), sizeof files);
    else
        hash_files(files, f);
    crypto_generichash_init(&h, NULL, 0, TCS_CACHE_CONTENT);
    crypto_generichash_update(&h, program, sizeof program);
    crypto_generichash_update(&h, files, sizeof files);
    for (uint32_t i = 0; i < nph; i++) {
        hash_bytes(&h, ph[i].name);
        for (uint32_t v = 0; v < ph[i].n; v++)
            hash_bytes(&h, ph[i].values[v]);
    }
    crypto_generichash_final(&h, out, TCS_CACHE_CONTENT);
}

/* One stored file for what the user named where the user stood, so that changed rules replace their
 * older form. */
static uint64_t
name_hash(const char *const *paths, size_t n)
{
    uint64_t name = 0;
    char here[4096];
    crypto_generichash_state h;
    unsigned char out[crypto_generichash_BYTES_MIN];
    crypto_generichash_init(&h, NULL, 0, sizeof out);
    hash_bytes(&h, tcs_base_str_of(getcwd(here, sizeof here) ? here : ""));
    for (size_t i = 0; i < n; i++)
        hash_bytes(&h, tcs_base_str_of(paths[i]));
    crypto_generichash_final(&h, out, sizeof out);
    memcpy(&name, out, sizeof name);
    return name;
}

static int
prepare(struct tcs_rulecache *c, struct tcs_arena *a, const char *const *paths, size_t n,
        struct tcs_err *err)
{
    int r = tcs_detect_seal_key(a, c->key, err);
    if (r == 0)
        r = tcs_process_dirs_cache(a, &c->folder, err);
    if (r < 0)
        return r;
    struct tcs_str path = tcs_base_arena_printf(a, "%s/rules-%016llx", c->folder,
                                                (unsigned long long)name_hash(paths, n));
    if (!path.p)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    c->path = path.p;
    return 0;
}

static struct tcs_filestamp
get_stamp(struct tcs_cursor *c)
{
    struct tcs_filestamp s;
    uint64_t n[STAMP_NUMBERS];
    for (int i = 0; i < STAMP_NUMBERS; i++)
        n[i] = tcs_base_cur_u64(c);
    static_assert(sizeof s == sizeof n, "a stamp is its numbers");
    memcpy(&s, n, sizeof s);
    return s;
}

static int
read_head(struct tcs_rulecache *c, struct tcs_arena *a, struct tcs_err *err)
{
    enum { FILE_MIN = 4 + 8 * STAMP_NUMBERS + TCS_FILE_HASH };
    struct tcs_cursor at = tcs_base_cur(c->file.bytes.p, c->file.bytes.n);
    uint8_t own[TCS_CACHE_CONTENT];
    const uint8_t *start = tcs_base_cur_take(&at, MAGIC),
                  *program = tcs_base_cur_take(&at, TCS_CACHE_CONTENT),
                  *content = tcs_base_cur_take(&at, TCS_CACHE_CONTENT);
    tcs_base_cur_skip(&at, TCS_FILE_HASH);
    c->looked = (int64_t)tcs_base_cur_u64(&at);
    uint32_t n = tcs_base_cur_u32(&at);
    hash_program(own);
    if (!at.bad && memcmp(start, magic, MAGIC) == 0 && memcmp(program, own, sizeof own) != 0)
        return 1; /* another version's, which may have another form from here on */
    if (at.bad || memcmp(start, magic, MAGIC) != 0 || n > tcs_base_cur_left(&at) / FILE_MIN)
        return tcs_base_fail(err, TCS_ECORRUPT, "%.150s: damaged", c->path);
    c->files = tcs_base_arena_array(a, (size_t)n + 1, sizeof *c->files);
    if (!c->files)
        return tcs_base_fail(err, TCS_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++) {
        struct tcs_cached_file *f = &c->files[i];
        uint32_t len = tcs_base_cur_u32(&at);
        f->path = (struct tcs_str){(const char *)tcs_base_cur_take(&at, len), len};
        f->stamp = get_stamp(&at);
        f->hash = tcs_base_cur_take(&at, TCS_FILE_HASH);
    }
    if (at.bad)
        return tcs_base_fail(err, TCS_ECORRUPT, "%.150s: damaged", c->path);
    c->nfiles = n;
    memcpy(c->content, content, sizeof c->content);
    c->rules = (struct tcs_str){c->file.bytes.p + at.at, tcs_base_cur_left(&at)};
    return 0;
}

void
tcs_detect_rulecache_open(struct tcs_rulecache *c, struct tcs_arena *a, const char *const *paths,
                          size_t n, struct tcs_err *err)
{
    *c = (struct tcs_rulecache){0};
    if (prepare(c, a, paths, n, err) < 0 ||
        tcs_detect_seal_map(c->path, c->key, &c->file, err) != 0)
        return;
    if (read_head(c, a, err) == 0)
        return;
    tcs_detect_seal_unmap(&c->file);
    c->nfiles = 0;
}

void
tcs_detect_rulecache_close(struct tcs_rulecache *c)
{
    tcs_detect_seal_unmap(&c->file);
}

/* Not changed since the content was hashed, and not so soon before that a later change could have
 * left the same times. */
static bool
settled(const struct tcs_filestamp *s, int64_t looked)
{
    return s->mtime_s < looked - YOUNG_S && s->ctime_s < looked - YOUNG_S;
}

static bool
unchanged(const struct tcs_cached_file *was, const struct tcs_filestamp *is, int64_t looked)
{
    return memcmp(&was->stamp, is, sizeof *is) == 0 && settled(is, looked);
}

/* Reads the file if nobody has yet; as tcs_detect_rulefiles_text. */
static int
hash_file(struct tcs_rulefiles *f, uint32_t i, struct tcs_err *err)
{
    struct tcs_rulefile *file = &f->at[i];
    int r = file->text.p ? 0 : tcs_detect_rulefiles_text(f, i, err);
    if (r == 0 && !file->hashed)
        hash_text(file->hash, file->text);
    file->hashed |= r == 0;
    return r;
}

int
tcs_detect_rulecache_files(struct tcs_rulecache *c, struct tcs_rulefiles *f, struct tcs_err *err)
{
    uint32_t n = 0, at = 0, known = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        struct tcs_rulefile *file = &f->at[i];
        while (at < c->nfiles && tcs_base_str_cmp(c->files[at].path, file->path) < 0)
            at++;
        bool listed = at < c->nfiles && tcs_base_str_eq(c->files[at].path, file->path);
        if (!file->text.p && listed && unchanged(&c->files[at], &file->stamp, c->looked)) {
            memcpy(file->hash, c->files[at].hash, TCS_FILE_HASH);
            known++;
        } else {
            int r = hash_file(f, i, err);
            if (r < 0)
                return r;
            if (r > 0)
                continue;
        }
        f->at[n++] = *file;
    }
    f->n = n;
    c->same = known == n && n == c->nfiles && c->file.map;
    return 0;
}

int
tcs_detect_rulecache_load(const struct tcs_rulecache *c, const uint8_t content[TCS_CACHE_CONTENT],
                          struct tcs_rules **ret, struct tcs_err *err)
{
    if (!c->file.map || memcmp(c->content, content, TCS_CACHE_CONTENT) != 0)
        return 1;
    int r = tcs_sigma_rules_load(c->rules, ret, err);
    return r < 0 ? tcs_base_wrap(err, "%.100s", c->path) : 0;
}

bool
tcs_detect_rulecache_stale(const struct tcs_rulefiles *f)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (f->at[i].hashed && settled(&f->at[i].stamp, f->looked))
            return true;
    return false;
}

static void
put_le(struct tcs_buf *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        tcs_base_buf_c(b, (char)(v >> 8 * i & 0xff));
}

static void
put_head(struct tcs_buf *b, const struct tcs_rulefiles *f, const uint8_t *content)
{
    uint8_t hash[TCS_CACHE_CONTENT];
    tcs_base_buf_put(b, magic, MAGIC);
    hash_program(hash);
    tcs_base_buf_put(b, hash, sizeof hash);
    tcs_base_buf_put(b, content, TCS_CACHE_CONTENT);
    hash_files(hash, f);
    tcs_base_buf_put(b, hash, TCS_FILE_HASH);
    put_le(b, (uint64_t)f->looked, 8);
    put_le(b, f->n, 4);
    for (uint32_t i = 0; i < f->n; i++) {
        uint64_t stamp[STAMP_NUMBERS];
        memcpy(stamp, &f->at[i].stamp, sizeof stamp);
        put_le(b, f->at[i].path.n, 4);
        tcs_base_buf_str(b, f->at[i].path);
        for (int k = 0; k < STAMP_NUMBERS; k++)
            put_le(b, stamp[k], 8);
        tcs_base_buf_put(b, f->at[i].hash, TCS_FILE_HASH);
    }
}

int
tcs_detect_rulecache_store(const struct tcs_rulecache *c, const struct tcs_rulefiles *f,
                           const uint8_t content[TCS_CACHE_CONTENT], const struct tcs_rules *r,
                           struct tcs_err *err)
{
    struct tcs_buf head = {0}, rules = {0};
    if (!c->path)
        return 0;
    put_head(&head, f, content);
    int e = head.failed ? tcs_base_fail(err, TCS_ENOMEM, "no memory for the rules")
                        : tcs_sigma_rules_save(r, &rules, err);
    const struct tcs_str parts[] = {tcs_base_buf_view(&head), tcs_base_buf_view(&rules)};
    if (e == 0)
        e = tcs_detect_seal_store(c->path, c->key, parts, 2, err);
    if (e == 0)
        tcs_detect_seal_prune(c->path, KEEP);
    tcs_base_buf_done(&head);
    tcs_base_buf_done(&rules);
    return e;
}

/* --- the plan: magic 8 | made of 32 | the image ----------------------------------------------- */

static const char plan_magic[MAGIC] = "tcsplan1";

void
tcs_detect_plancache_open(struct tcs_plancache *p, const struct tcs_rulecache *c,
                          struct tcs_arena *a, uint64_t name,
                          const uint8_t made_of[TCS_CACHE_CONTENT], struct tcs_err *err)
{
    enum { HEAD = MAGIC + TCS_CACHE_CONTENT };
    *p = (struct tcs_plancache){0};
    memcpy(p->made_of, made_of, sizeof p->made_of);
    if (!c->path)
        return;
    struct tcs_str path =
        tcs_base_arena_printf(a, "%s/plan-%016llx", c->folder, (unsigned long long)name);
    p->path = path.p;
    if (!p->path || tcs_detect_seal_map(p->path, c->key, &p->file, err) != 0)
        return;
    const char *at = p->file.bytes.p;
    if (p->file.bytes.n > HEAD && memcmp(at, plan_magic, MAGIC) == 0 &&
        memcmp(at + MAGIC, made_of, TCS_CACHE_CONTENT) == 0)
        p->image = (struct tcs_str){at + HEAD, p->file.bytes.n - HEAD};
    else
        tcs_detect_seal_unmap(&p->file);
}

void
tcs_detect_plancache_close(struct tcs_plancache *p)
{
    tcs_detect_seal_unmap(&p->file);
    p->image = (struct tcs_str){0};
}

int
tcs_detect_plancache_store(const struct tcs_plancache *p, const struct tcs_rulecache *c,
                           struct tcs_str image, struct tcs_err *err)
{
    const struct tcs_str parts[] = {
        {plan_magic, MAGIC}, {(const char *)p->made_of, TCS_CACHE_CONTENT}, image};
    int r = p->path ? tcs_detect_seal_store(p->path, c->key, parts, 3, err) : 0;
    if (r == 0 && p->path)
        tcs_detect_seal_prune(p->path, KEEP);
    return r;
}
