/* input/unpack.c - libarchive over a stream, a member at a time.
 *
 * Every format and filter is named: those that libarchive runs as outside programs are not among
 * them.  A stream that can seek (a file) lets zip and 7z use their directory at the end; inside
 * another archive zip is read from the front and 7z is refused by libarchive. */
#include "input/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

enum { READ_SIZE = 128 << 10, NAME_MAX_BYTES = 4096, RETRIES = 8 };

struct tcs_unpack {
    struct tcs_stream stream; /* first: the member's bytes */
    struct archive *a;
    struct tcs_stream *from;
    const uint8_t *head;
    size_t nhead; /* not yet handed to libarchive */
    uint64_t at, size;
    const void *block; /* libarchive's, of the member: not yet read by us */
    size_t nblock;
    bool dead;            /* nothing more can be read */
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

static la_ssize_t
on_read(struct archive *a, void *ctx, const void **ret)
{
    struct tcs_unpack *u = ctx;
    size_t got = u->nhead;
    if (got) {
        *ret = u->head;
        u->nhead = 0;
        return (la_ssize_t)got;
    }
    if (u->from->read(u->from, u->buf, sizeof u->buf, &got, &u->below) < 0) {
        archive_set_error(a, EIO, "%s", u->below.msg);
        return -1;
    }
    *ret = u->buf;
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

/* By blocks, not with archive_read_data: that one drops what it has copied when it meets damage. */
static int
member_read(struct tcs_stream *s, void *to, size_t n, size_t *got, struct tcs_err *err)
{
    struct tcs_unpack *u = (struct tcs_unpack *)s;
    la_int64_t offset;
    int r = ARCHIVE_OK;
    while (r == ARCHIVE_OK && u->nblock == 0)
        r = archive_read_data_block(u->a, &u->block, &u->nblock, &offset);
    if (r != ARCHIVE_OK)
        u->nblock = 0;
    if (r == ARCHIVE_OK || r == ARCHIVE_EOF) {
        *got = n < u->nblock ? n : u->nblock;
        if (*got)
            memcpy(to, u->block, *got);
        u->block = (const uint8_t *)u->block + *got;
        u->nblock -= *got;
        return 0;
    }
    u->dead = r == ARCHIVE_FATAL;
    return fail(u, u->dead ? "damaged or cut off, the rest cannot be read" : "damaged", err);
}

static bool
set_up(struct archive *a)
{
    static int (*const supports[])(struct archive *) = {
        archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
        archive_read_support_filter_xz,   archive_read_support_filter_zstd,
        archive_read_support_filter_lz4,  archive_read_support_format_tar,
        archive_read_support_format_zip,  archive_read_support_format_7zip,
        archive_read_support_format_raw,
    };
    for (size_t i = 0; i < sizeof supports / sizeof *supports; i++)
        if (supports[i](a) != ARCHIVE_OK)
            return false;
    return true;
}

int
tcs_input_unpack_open(struct tcs_stream *s, const uint8_t *head, size_t n, struct tcs_unpack **ret,
                      struct tcs_err *err)
{
    struct tcs_unpack *u = calloc(1, sizeof *u);
    struct archive *a = archive_read_new();
    if (!u || !a || !set_up(a)) {
        archive_read_free(a);
        free(u);
        return tcs_base_fail(err, TCS_ENOMEM, "no memory to open an archive");
    }
    u->stream.read = member_read;
    u->a = a;
    u->from = s;
    u->head = head;
    u->nhead = n;
    if (s->seek) {
        u->nhead = 0;
        u->size = s->size;
        s->seek(s, 0);
        archive_read_set_seek_callback(a, on_seek);
    }
    archive_read_set_read_callback(a, on_read);
    archive_read_set_callback_data(a, u);
    if (archive_read_open1(a) != ARCHIVE_OK) {
        fail(u, "cannot be unpacked", err);
        tcs_input_unpack_close(u);
        return -TCS_ECORRUPT;
    }
    *ret = u;
    return 0;
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

int
tcs_input_unpack_next(struct tcs_unpack *u, struct tcs_unpack_member *ret, struct tcs_err *err)
{
    struct archive_entry *e;
    u->nblock = 0;
    for (int tries = 0; !u->dead && tries < RETRIES;) {
        int r = archive_read_next_header(u->a, &e);
        if (r == ARCHIVE_EOF)
            return 1;
        if (r == ARCHIVE_RETRY) {
            tries++;
            continue;
        }
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN) {
            u->dead = true;
            return fail(u, "damaged or cut off, the rest cannot be read", err);
        }
        bool raw = archive_format(u->a) == ARCHIVE_FORMAT_RAW;
        if (!raw && archive_entry_filetype(e) != AE_IFREG)
            continue;
        *ret = (struct tcs_unpack_member){
            .name = raw ? (struct tcs_str){"", 0} : member_name(e),
            .locked = archive_entry_is_encrypted(e) > 0,
        };
        return 0;
    }
    return 1;
}

struct tcs_stream *
tcs_input_unpack_stream(struct tcs_unpack *u)
{
    return &u->stream;
}
