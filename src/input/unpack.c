/* input/unpack.c - libarchive over a stream, a member at a time.
 *
 * Every format and filter is named: those that libarchive runs as outside programs are not among
 * them.  A stream that can seek (a file) lets zip and 7z use their directory at the end; inside
 * another archive zip is read from the front and 7z is refused by libarchive. */
#include "input/unpack.h"

#include "base/cursor.h"
#include "base/limits.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

enum {
    READ_SIZE = 128 << 10,
    SLICE = 16 << 10, /* of packed bytes at once, so that what comes out of them is soon counted */
    NAME_MAX_BYTES = 4096,
    RETRIES = 8,
};

struct tcs_unpack {
    struct tcs_stream stream; /* first: the member's bytes */
    struct archive *a;
    struct tcs_stream *from;
    struct tcs_unpack_budget *budget;
    uint64_t used_before;  /* of it, when this archive was opened */
    const uint8_t *packed; /* not yet handed to libarchive */
    size_t npacked;
    const uint8_t *slice; /* handed to libarchive last */
    size_t nslice;
    uint64_t at, size; /* of what libarchive asks for next */
    /* Of the member: */
    uint64_t position;    /* of what we read next */
    const uint8_t *block; /* libarchive's, not yet read by us, */
    size_t nblock;
    bool raw_format;   /* a compressed file, of which all that comes out is the member */
    uint32_t crc;      /* of that, so far */
    uint64_t block_at; /* and where it lies: behind `position` if there is a hole before it */
    int state;        /* what libarchive said of the member last: ARCHIVE_OK, or there is no more */
    bool raw;         /* opened as a compressed file, whatever is in it */
    bool any;         /* there was a member */
    bool heading;     /* libarchive looks for the next member, */
    uint64_t counted; /* of what it unpacks meanwhile, so much is in the budget */
    bool dead;        /* nothing more can be read */
    struct tcs_err below; /* why reading the packed bytes failed; code 0: it did not */
    uint8_t buf[READ_SIZE];
};

static const struct magic {
    size_t at, n;
    const char *bytes;
} magics[] = {
    {0, 4, "PK\x03\x04"},
    {0, 4, "PK\x05\x06"},
    {0, 4, "PK\x07\x08"},
    {0, 2, "\x1f\x8b"},
    {0, 3, "BZh"},
    {0, 6,
     "\xfd"
     "7zXZ\0"},
    {0, 4, "\x28\xb5\x2f\xfd"},
    {0, 4, "\x04\x22\x4d\x18"},
    {0, 6, "7z\xbc\xaf\x27\x1c"},
    {257, 5, "ustar"},
};

bool
tcs_input_unpack_sniff(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        const struct magic *m = &magics[i];
        if (n >= m->at + m->n && memcmp(p + m->at, m->bytes, m->n) == 0)
            return true;
    }
    return false;
}

static bool
is_over(const struct tcs_unpack *u)
{
    const uint64_t packed = tcs_input_file_bytes(u->budget->file);
    return u->budget->used > TCS_UNPACK_FREE + packed * TCS_UNPACK_RATIO_MAX;
}

/* What came out of compressed bytes without being a member's; true: it is too much. */
static bool
count_unpacked(struct tcs_unpack *u)
{
    const la_int64_t out = archive_filter_bytes(u->a, 0);
    if (out > (la_int64_t)u->counted) {
        u->budget->used += (uint64_t)out - u->counted;
        u->counted = (uint64_t)out;
    }
    return is_over(u);
}

static la_ssize_t
on_read(struct archive *a, void *ctx, const void **ret)
{
    struct tcs_unpack *u = ctx;
    size_t got = 0;
    if (u->heading && count_unpacked(u)) {
        archive_set_error(a, EFBIG, "too much comes out of it");
        return -1;
    }
    if (u->npacked == 0) {
        if (u->from->read(u->from, u->buf, sizeof u->buf, &got, &u->below) < 0) {
            archive_set_error(a, EIO, "%s", u->below.msg);
            return -1;
        }
        u->packed = u->buf;
        u->npacked = got;
    }
    got = u->npacked < SLICE ? u->npacked : SLICE;
    *ret = u->slice = u->packed;
    u->nslice = got;
    u->packed += got;
    u->npacked -= got;
    u->at += got;
    return (la_ssize_t)got;
}

static la_int64_t
on_seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
    struct tcs_unpack *u = ctx;
    int64_t base = whence == SEEK_END ? (int64_t)u->size : whence == SEEK_CUR ? (int64_t)u->at : 0;
    int64_t to;
    if (__builtin_add_overflow(base, offset, &to) || to < 0) {
        archive_set_error(a, EIO, "a position before the start of the file");
        return ARCHIVE_FATAL;
    }
    u->at = (uint64_t)to;
    u->npacked = 0;
    u->from->seek(u->from, u->at);
    return to;
}

/* libarchive has no numbers for what a member needs and it has not; its words are these. */
static int
code_of(const char *why)
{
    static const struct {
        const char *word;
        int code;
    } words[] = {
        {"ncrypt", TCS_ELOCKED},        {"assphrase", TCS_ELOCKED},     {"nsupported", TCS_EUNSUPP},
        {"not supported", TCS_EUNSUPP}, {"Unknown codec", TCS_EUNSUPP},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(why, words[i].word))
            return words[i].code;
    return TCS_ECORRUPT;
}

static int
fail(struct tcs_unpack *u, const char *what, struct tcs_err *err)
{
    const char *why = archive_error_string(u->a);
    if (is_over(u)) {
        u->budget->told = true;
        return tcs_base_fail(err, TCS_ELIMIT,
                             "unpacks to more than %d times its size, the rest is not read",
                             TCS_UNPACK_RATIO_MAX);
    }
    if (u->below.code)
        return tcs_base_fail(err, u->below.code, "%s", u->below.msg);
    if (!why)
        why = "no reason given";
    const int code = code_of(why);
    if (code == TCS_ELOCKED || archive_read_has_encrypted_entries(u->a) == 1)
        return tcs_base_fail(err, TCS_ELOCKED, "protected by a password; unpack it first");
    if (code == TCS_EUNSUPP)
        return tcs_base_fail(err, code, "packed in a way that is not supported: %s", why);
    return tcs_base_fail(err, code, "%s: %s", what, why);
}

/* What comes next of the member: a block, and where it lies.  By blocks, not with
 * archive_read_data: that one drops what it has copied when it meets damage. */
static void
next_block(struct tcs_unpack *u)
{
    while (u->state == ARCHIVE_OK && u->nblock == 0) {
        la_int64_t offset = (la_int64_t)u->position;
        const void *p = NULL;
        u->state = archive_read_data_block(u->a, &p, &u->nblock, &offset);
        u->block = p;
        if (u->state != ARCHIVE_OK)
            u->nblock = 0;
        if (u->state != ARCHIVE_OK && u->state != ARCHIVE_EOF)
            return;
        /* at the end too: a member may end in a hole */
        u->block_at = offset > (la_int64_t)u->position ? (uint64_t)offset : u->position;
        if (offset < (la_int64_t)u->position && u->nblock) {
            archive_set_error(u->a, EINVAL, "a part lies before the one that precedes it");
            u->state = ARCHIVE_FATAL;
            u->nblock = 0;
        }
        u->budget->used += u->nblock;
        if (u->raw_format)
            u->crc = tcs_base_crc32(u->budget->crc, u->crc, u->block, u->nblock);
        if (is_over(u))
            u->state = ARCHIVE_FATAL;
    }
}

static int
member_read(struct tcs_stream *s, void *to, size_t n, size_t *got, struct tcs_err *err)
{
    struct tcs_unpack *u = (struct tcs_unpack *)s;
    next_block(u);
    uint64_t hole = u->block_at - u->position;
    if (is_over(u) || (u->state != ARCHIVE_OK && u->state != ARCHIVE_EOF)) {
        u->dead = u->state == ARCHIVE_FATAL || is_over(u);
        return fail(u, u->dead ? "damaged or cut off, the rest cannot be read" : "damaged", err);
    }
    if (hole) {
        *got = n < hole ? n : (size_t)hole;
        memset(to, 0, *got);
        u->budget->used += *got;
    } else {
        *got = n < u->nblock ? n : u->nblock;
        if (*got)
            memcpy(to, u->block, *got);
        u->block += *got;
        u->nblock -= *got;
        u->block_at += *got;
    }
    u->position += *got;
    return 0;
}

static uint64_t
member_skip_hole(struct tcs_stream *s, uint64_t unit)
{
    struct tcs_unpack *u = (struct tcs_unpack *)s;
    next_block(u);
    uint64_t n = u->state == ARCHIVE_OK || u->state == ARCHIVE_EOF ? u->block_at - u->position : 0;
    n -= n % unit;
    u->position += n;
    return n;
}

/* To the end of a member that was not read to its end, so that all that comes out is counted.  The
 * members of a zip that can seek are not unpacked to get past them. */
static void
drain(struct tcs_unpack *u)
{
    if (u->from->seek && archive_format(u->a) == ARCHIVE_FORMAT_ZIP)
        return;
    while (u->state == ARCHIVE_OK) {
        u->position = u->block_at + u->nblock;
        u->nblock = 0;
        next_block(u);
    }
}

/* `raw`: compressed files only, no archives. */
static bool
set_up(struct archive *a, bool raw)
{
    static int (*const supports[])(struct archive *) = {
        archive_read_support_format_raw,   archive_read_support_filter_gzip,
        archive_read_support_filter_bzip2, archive_read_support_filter_xz,
        archive_read_support_filter_zstd,  archive_read_support_filter_lz4,
        archive_read_support_format_tar,   archive_read_support_format_zip,
        archive_read_support_format_7zip,
    };
    const size_t all = sizeof supports / sizeof *supports, archives = 3;
    for (size_t i = 0; i < (raw ? all - archives : all); i++)
        if (supports[i](a) != ARCHIVE_OK)
            return false;
    /* an archive that another was appended to goes on behind its first end */
    return raw || archive_read_set_format_option(a, "tar", "read_concatenated_archives", "1") ==
                      ARCHIVE_OK;
}

/* From the stream's beginning, or, where that has gone by, from behind the `packed` bytes. */
static int
begin(struct tcs_unpack *u, bool raw, struct tcs_err *err)
{
    archive_read_free(u->a);
    u->a = archive_read_new();
    u->raw = raw;
    u->state = ARCHIVE_EOF; /* of no member yet */
    u->dead = false;
    u->budget->used = u->used_before;
    if (!u->a || !set_up(u->a, raw))
        return tcs_base_fail(err, TCS_ENOMEM, "no memory to open an archive");
    if (u->from->seek) {
        u->npacked = 0;
        u->at = 0;
        u->from->seek(u->from, 0);
        archive_read_set_seek_callback(u->a, on_seek);
    }
    archive_read_set_read_callback(u->a, on_read);
    archive_read_set_callback_data(u->a, u);
    return archive_read_open1(u->a) == ARCHIVE_OK ? 0 : fail(u, "cannot be unpacked", err);
}

int
tcs_input_unpack_open(struct tcs_stream *s, const uint8_t *head, size_t n,
                      struct tcs_unpack_budget *budget, struct tcs_unpack **ret,
                      struct tcs_err *err)
{
    struct tcs_unpack *u = calloc(1, sizeof *u);
    if (!u)
        return tcs_base_fail(err, TCS_ENOMEM, "no memory to open an archive");
    u->stream.read = member_read;
    u->stream.skip_hole = member_skip_hole;
    u->from = s;
    u->size = s->size;
    u->budget = budget;
    u->used_before = budget->used;
    u->packed = head;
    u->npacked = n;
    int r = begin(u, false, err);
    if (r < 0)
        tcs_input_unpack_close(u);
    else
        *ret = u;
    return r;
}

void
tcs_input_unpack_close(struct tcs_unpack *u)
{
    if (!u)
        return;
    archive_read_free(u->a);
    free(u);
}

/* Names are bytes to us; libarchive wants to know their character set and may fail on it. */
static struct tcs_str
member_name(struct archive_entry *e)
{
    const char *name = archive_entry_pathname_utf8(e);
    if (!name)
        name = archive_entry_pathname(e);
    struct tcs_str s = tcs_base_str_of(name ? name : "(unreadable name)");
    return tcs_base_str_slice(s, 0, NAME_MAX_BYTES);
}

/* The next entry, whatever it is.  As tcs_input_unpack_next. */
static int
next_entry(struct tcs_unpack *u, struct archive_entry **ret, struct tcs_err *err)
{
    int r = ARCHIVE_RETRY;
    const la_int64_t before = archive_filter_bytes(u->a, 0);
    u->counted = before > 0 ? (uint64_t)before : 0; /* what members hold is counted elsewhere */
    u->heading = true;
    for (int tries = 0; r == ARCHIVE_RETRY && tries < RETRIES; tries++)
        r = archive_read_next_header(u->a, ret);
    u->heading = false;
    if (r == ARCHIVE_EOF)
        return 1;
    if (r == ARCHIVE_OK || r == ARCHIVE_WARN)
        return 0;
    u->dead = true;
    return fail(u, "damaged or cut off, the rest cannot be read", err);
}

/* What begins with zeros is a tar to libarchive, empty or damaged, and may be a log that begins
 * with a hole. */
static bool
is_zeros(const struct tcs_unpack *u)
{
    return !u->any && !u->raw && !is_over(u) && u->from->seek && archive_filter_count(u->a) > 1 &&
           (archive_format(u->a) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
}

static bool
all_zero(const uint8_t *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* Bytes behind the end of a compressed file, other than zeros: libarchive stops before them. */
static bool
has_tail(struct tcs_unpack *u)
{
    const uint64_t over = u->at - (uint64_t)archive_filter_bytes(u->a, -1);
    struct tcs_err ignored;
    size_t got = u->npacked;
    if (over > u->nslice || !all_zero(u->slice + u->nslice - over, over) ||
        !all_zero(u->packed, u->npacked))
        return true;
    while (u->from->read(u->from, u->buf, sizeof u->buf, &got, &ignored) == 0 && got)
        if (!all_zero(u->buf, got))
            return true;
    return false;
}

/* Another zip before the one whose directory is at the end, which alone is read (APPNOTE 4.3.16:
 * the directory's offset and size say where this one begins). */
static bool
has_front(struct tcs_unpack *u)
{
    enum { END = 22, SIZE_AT = 12, OFFSET_AT = 16, WITHIN = 1 << 16 };
    struct tcs_stream *s = u->from;
    const uint64_t from = u->size > WITHIN ? u->size - WITHIN : 0;
    struct tcs_err ignored;
    size_t n = 0, got = 0;
    s->seek(s, 0);
    if (s->read(s, u->buf, 4, &got, &ignored) < 0 || got < 4 || memcmp(u->buf, "PK\3\4", 4) != 0)
        return false;
    s->seek(s, from);
    while (n < WITHIN && s->read(s, u->buf + n, WITHIN - n, &got, &ignored) == 0 && got)
        n += got;
    for (size_t at = n < END ? 0 : n - END + 1; at-- > 0;) {
        const uint8_t *p = u->buf + at;
        if (memcmp(p, "PK\5\6", 4) != 0)
            continue;
        const uint64_t size = tcs_base_le32(p + SIZE_AT), offset = tcs_base_le32(p + OFFSET_AT);
        return offset != UINT32_MAX && size + offset < from + at;
    }
    return false;
}

/* What came out of a file that gzip packed, against its end (RFC 1952 2.3.1), which libarchive
 * steps over.  Of several that follow each other the last one's size is not that of all. */
static bool
is_altered(struct tcs_unpack *u)
{
    enum { TRAILER = 8, LENGTH_AT = 4 };
    const la_int64_t packed = archive_filter_bytes(u->a, -1);
    struct tcs_err ignored;
    size_t got = 0;
    if (archive_filter_code(u->a, 0) != ARCHIVE_FILTER_GZIP || archive_filter_count(u->a) != 2 ||
        packed < TRAILER)
        return false;
    u->from->seek(u->from, (uint64_t)packed - TRAILER);
    if (u->from->read(u->from, u->buf, TRAILER, &got, &ignored) < 0 || got < TRAILER)
        return false;
    return tcs_base_le32(u->buf + LENGTH_AT) == (uint32_t)u->block_at &&
           tcs_base_le32(u->buf) != u->crc;
}

/* At the archive's end: is that all of the file? */
static int
end(struct tcs_unpack *u, struct tcs_err *err)
{
    const int format = archive_format(u->a) & ARCHIVE_FORMAT_BASE_MASK;
    u->dead = true;
    if (format == ARCHIVE_FORMAT_ZIP && u->from->seek && has_front(u))
        return tcs_base_fail(err, TCS_ECORRUPT, "another archive stands before it, not read");
    if (format == ARCHIVE_FORMAT_RAW && has_tail(u))
        return tcs_base_fail(err, TCS_ECORRUPT, "more bytes stand behind its end, not read");
    if (format == ARCHIVE_FORMAT_RAW && u->from->seek && is_altered(u))
        return tcs_base_fail(err, TCS_ECORRUPT,
                             "does not match its checksum: what it holds was altered");
    return 1;
}

int
tcs_input_unpack_next(struct tcs_unpack *u, struct tcs_unpack_member *ret, struct tcs_err *err)
{
    struct archive_entry *e;
    for (;;) {
        if (!u->dead)
            drain(u);
        if (is_over(u) && !u->budget->told)
            return fail(u, "", err);
        if (u->dead || is_over(u))
            return 1;
        int r = next_entry(u, &e, err);
        if (r && is_zeros(u) && (r = begin(u, true, err)) == 0)
            continue;
        if (r)
            return r == 1 ? end(u, err) : r;
        u->any = true;
        u->budget->used += TCS_UNPACK_MEMBER;
        u->position = u->block_at = u->nblock = 0;
        u->state = ARCHIVE_OK;
        const bool raw = archive_format(u->a) == ARCHIVE_FORMAT_RAW;
        u->raw_format = raw;
        u->crc = 0;
        if (!raw && archive_entry_filetype(e) == AE_IFDIR)
            continue;
        *ret = (struct tcs_unpack_member){
            .name = raw ? (struct tcs_str){"", 0} : member_name(e),
            .locked = archive_entry_is_encrypted(e) > 0,
            .special = !raw && archive_entry_filetype(e) != AE_IFREG,
        };
        return 0;
    }
}

struct tcs_stream *
tcs_input_unpack_stream(struct tcs_unpack *u)
{
    return &u->stream;
}
