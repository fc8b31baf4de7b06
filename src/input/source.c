/* input/source.c - the producer: walk, open, sniff, frame; archives are entered as they come.
 *
 * One source is open at a time, inside at most TCS_ARCHIVE_NEST_MAX archives.  Reads happen here,
 * in one thread; buffers travel to the decoders and back through the pool. */
#include "input/source.h"

#include "base/arena.h"
#include "base/limits.h"
#include "input/frame.h"
#include "input/kind.h"
#include "input/pool.h"
#include "input/stream.h"
#include "input/unpack.h"
#include "input/walk.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_DEFAULT = 1 << 20 };

/* An archive that is being read; the next one, if any, is a member of it. */
struct level {
    struct tcs_unpack *unpack;
    const struct tcs_origin *origin;
    struct tcs_pool_buf *head; /* its first bytes, read before it was known to be one */
};

struct tcs_inputs {
    struct tcs_inputs_opts opts;
    struct tcs_arena *arena; /* paths and origins: live until close */
    struct tcs_walk walk;
    size_t next;  /* entry of the walk */
    uint32_t top; /* the user's path that the open file lies below */
    bool told;    /* a log was found below it, or why it could not be read is said */
    struct tcs_inputs_place place; /* of the open file */
    struct tcs_pool *pool;
    struct tcs_file file;
    struct tcs_framer framer;
    bool framing; /* a source is open and has a format */
    bool sound;   /* nothing was wrong with the open file so far: it may be told to be whole */
    struct tcs_position position; /* in the open file, when it is not an archive */
    struct tcs_source source;
    locale_t utf8; /* libarchive converts members' names to the thread's locale; 0: as it is */
    struct level levels[TCS_ARCHIVE_NEST_MAX];
    unsigned depth;
    struct tcs_unpack_budget budget; /* of the open file */
    struct tcs_crc32 crc;
    uint64_t seq;
    uint32_t index; /* of the next origin */
    struct tcs_inputs_stats stats;
};

static struct tcs_origin *
new_origin(struct tcs_inputs *in, struct tcs_str path)
{
    const bool named = tcs_base_str_eq(path, tcs_base_str_of(in->walk.tops[in->top]));
    struct tcs_origin *o = tcs_base_arena_alloc(in->arena, sizeof *o);
    if (o)
        *o = (struct tcs_origin){.path = path, .index = in->index++, .named = named};
    return o;
}

static void
report(struct tcs_inputs *in, const struct tcs_origin *o, enum tcs_cause cause, const char *msg)
{
    struct tcs_problem p = {.cause = cause, .msg = msg};
    in->sound = false;
    in->told |= tcs_event_cause_counts(cause, o->named);
    if (in->opts.problem)
        in->opts.problem(in->opts.ctx, o, &p);
}

static int
report_path(struct tcs_inputs *in, struct tcs_str path, enum tcs_cause cause, const char *msg,
            struct tcs_err *err)
{
    struct tcs_origin *o = new_origin(in, path);
    if (!o)
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the inputs");
    report(in, o, cause, msg);
    return 0;
}

int
tcs_input_open(const char *const *paths, size_t n, const struct tcs_inputs_opts *opts,
               struct tcs_inputs **ret, struct tcs_err *err)
{
    struct tcs_inputs *in = calloc(1, sizeof *in);
    if (!in)
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the inputs");
    in->opts = opts ? *opts : (struct tcs_inputs_opts){0};
    if (in->opts.block == 0)
        in->opts.block = BLOCK_DEFAULT;
    size_t block = in->opts.block > TCS_SNIFF ? in->opts.block : TCS_SNIFF;
    in->file.fd = -1;
    tcs_base_crc32_init(&in->crc);
    in->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL); /* now: later no file may be opened */
    in->arena = tcs_base_arena_new(0);
    in->pool = tcs_input_pool_new(block + TCS_EVTX_FILE_HEADER, in->opts.lender);
    if (!in->arena || !in->pool) {
        tcs_input_close(in);
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the inputs");
    }
    int r = tcs_input_walk_paths(paths, n, in->opts.own, in->opts.nown, in->arena, &in->walk, err);
    if (r < 0) {
        tcs_input_close(in);
        return r;
    }
    for (size_t i = 0; i < in->walk.n; i++) {
        in->stats.files += !in->walk.entries[i].msg;
        in->stats.bytes_total += in->walk.entries[i].size;
    }
    *ret = in;
    return 0;
}

static void
close_source(struct tcs_inputs *in)
{
    if (in->framing && in->framer.troubled)
        in->sound = false;
    if (in->framing && in->depth == 0) {
        bool lines = in->framer.format->framing == TCS_FRAMING_LINES;
        in->position.read = lines ? in->framer.whole : in->framer.offset;
        in->position.records = lines ? in->framer.whole_records : 0;
    }
    tcs_input_frame_done(&in->framer);
    in->framing = false;
}

static void
close_level(struct tcs_inputs *in)
{
    struct level *top = &in->levels[--in->depth];
    tcs_input_unpack_close(top->unpack);
    tcs_input_pool_put(in->pool, top->head);
}

void
tcs_input_close(struct tcs_inputs *in)
{
    if (!in)
        return;
    close_source(in);
    while (in->depth)
        close_level(in);
    tcs_input_file_close(&in->file);
    tcs_input_walk_done(&in->walk);
    if (in->utf8)
        freelocale(in->utf8);
    tcs_input_pool_free(in->pool);
    tcs_base_arena_free(in->arena);
    free(in);
}

static const struct tcs_format *
sniff(const struct tcs_inputs *in, const uint8_t *p, size_t n)
{
    for (const struct tcs_format *const *f = in->opts.formats; *f; f++)
        if ((*f)->sniff_table ? (*f)->sniff_table(in->opts.csv, p, n, n < TCS_SNIFF)
                              : (*f)->sniff(p, n))
            return *f;
    return NULL;
}

static bool
called_evtx(struct tcs_str path)
{
    const struct tcs_str end = TCS_STR(".evtx");
    return path.n > end.n &&
           tcs_base_str_ieq(tcs_base_str_slice(path, path.n - end.n, path.n), end);
}

/* Of bytes that are in no format: what is to be said. */
static void
report_unknown(struct tcs_inputs *in, const struct tcs_origin *o, const uint8_t *p, size_t n)
{
    const char *kind = tcs_input_kind_name(p, n);
    char msg[80];
    if (n == 0) {
        report(in, o, TCS_CAUSE_EMPTY, "empty");
    } else if (kind) {
        snprintf(msg, sizeof msg, "%s, which is not read", kind);
        report(in, o, TCS_CAUSE_OTHER_KIND, msg);
    } else if (tcs_input_kind_utf16(p, n)) {
        report(in, o, TCS_CAUSE_UTF16, "text in UTF-16; convert it to UTF-8 first");
    } else if (called_evtx(o->path)) {
        report(in, o, TCS_CAUSE_OVERWRITTEN, "called an event log, but begins like none");
    } else {
        report(in, o, TCS_CAUSE_NO_FORMAT, "no known format, not read");
    }
}

/* The source turned out to be an archive: its members come next. */
static int
enter_archive(struct tcs_inputs *in, const struct tcs_origin *o, struct tcs_err *err)
{
    struct tcs_unpack *u = NULL;
    struct tcs_err why = {0};
    if (in->depth == TCS_ARCHIVE_NEST_MAX)
        tcs_base_fail(&why, TCS_ELIMIT, "an archive inside %d others, not opened", in->depth);
    else if (tcs_input_unpack_open(in->framer.stream, in->framer.buf->p, in->framer.have,
                                   &in->budget, &u, &why) == 0)
        in->levels[in->depth++] = (struct level){.unpack = u, .origin = o, .head = in->framer.buf};
    if (u) {
        in->framer.buf = NULL; /* the level keeps it */
        return 0;
    }
    tcs_input_frame_done(&in->framer);
    if (why.code == TCS_ENOMEM)
        return tcs_base_fail(err, TCS_ENOMEM, "%s", why.msg);
    report(in, o,
           in->depth == TCS_ARCHIVE_NEST_MAX ? TCS_CAUSE_NESTED : tcs_input_stream_cause(why.code),
           why.msg);
    return 0;
}

static void
no_format(struct tcs_inputs *in, const struct tcs_origin *o)
{
    if (in->framer.failed.code)
        report(in, o, tcs_input_stream_cause(in->framer.failed.code), in->framer.failed.msg);
    else
        report_unknown(in, o, in->framer.buf->p, in->framer.have);
    tcs_input_frame_done(&in->framer);
}

/* Lines go on where memory says that they ended, if a line did end there. */
static bool
can_resume(struct tcs_inputs *in, const struct tcs_format *f, uint64_t offset)
{
    struct tcs_stream *s = in->framer.stream;
    struct tcs_err ignored;
    char c = 0;
    size_t got = 0;
    if (offset == 0 || offset > s->size || f->framing != TCS_FRAMING_LINES)
        return false;
    s->seek(s, offset - 1);
    if (s->read(s, &c, 1, &got, &ignored) == 0 && got == 1 && c == '\n')
        return true;
    s->seek(s, in->framer.have);
    return false;
}

/* Whoever asks reads elsewhere for a moment; the framing goes on behind what it has. */
static size_t
read_at(void *file, uint64_t offset, void *to, size_t n)
{
    struct tcs_inputs *in = file;
    struct tcs_stream *s = &in->file.stream;
    struct tcs_err ignored;
    size_t all = 0, got = 1;
    s->seek(s, offset);
    while (all < n && got && s->read(s, (char *)to + all, n - all, &got, &ignored) == 0)
        all += got;
    s->seek(s, in->framer.have);
    return all;
}

/* What memory says of the file that has just been opened. */
static struct tcs_inputs_from
remembered(struct tcs_inputs *in, struct tcs_str path)
{
    struct tcs_inputs_from from = {0};
    const struct tcs_inputs_memory *m = in->opts.memory;
    if (!m || in->depth || !in->file.regular)
        return from;
    const struct tcs_inputs_file f = {.path = path,
                                      .size = in->file.stream.size,
                                      .mtime = in->file.mtime,
                                      .read_at = read_at,
                                      .file = in};
    m->begin(m->ctx, &f, &from);
    in->sound = true;
    in->position = (struct tcs_position){.mark = from.mark, .read = f.size};
    return from;
}

static int
report_shrank(struct tcs_inputs *in, struct tcs_err *err)
{
    in->file.shrank = false;
    return report_path(in, tcs_base_str_of(in->walk.entries[in->next - 1].path), TCS_CAUSE_SHRANK,
                       "became shorter while it was read", err);
}

/* True: the file's end is a position that is told. */
static bool
end_file(struct tcs_inputs *in, struct tcs_unit *ret)
{
    bool told = in->opts.memory && in->sound && in->file.regular;
    if (told) {
        *ret = (struct tcs_unit){.position = in->position, .seq = in->seq++};
        ret->position.whole = true;
        const struct tcs_inputs_file f = {
            .size = in->file.stream.size, .read_at = read_at, .file = in};
        if (in->opts.memory->end)
            in->opts.memory->end(in->opts.memory->ctx, &f, &in->position);
    }
    in->sound = false;
    in->position = (struct tcs_position){0};
    tcs_input_file_close(&in->file);
    return told;
}

static void
found_log(struct tcs_inputs *in)
{
    in->stats.sources++;
    in->told = true;
}

/* The stream has begun: find its format, or say that it has none. */
static int
begin_source(struct tcs_inputs *in, struct tcs_stream *stream, struct tcs_str path,
             struct tcs_err *err)
{
    in->framer = (struct tcs_framer){.stream = stream,
                                     .pool = in->pool,
                                     .block = in->opts.block,
                                     .opts = &in->opts,
                                     .crc = &in->crc,
                                     .arena = in->arena};
    int r = tcs_input_frame_head(&in->framer, err);
    struct tcs_origin *o = r < 0 ? NULL : new_origin(in, path);
    if (!o)
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the inputs");
    const uint8_t *p = in->framer.buf->p;
    size_t n = in->framer.have < TCS_SNIFF ? in->framer.have : TCS_SNIFF;
    const struct tcs_inputs_from from = remembered(in, path);
    if (from.skip) {
        found_log(in);
        in->stats.already++;
        in->sound = false;
        tcs_input_frame_done(&in->framer);
        return 0;
    }
    if (tcs_input_unpack_sniff(p, n))
        return enter_archive(in, o, err);
    const struct tcs_format *f = sniff(in, p, n);
    if (!f) {
        no_format(in, o);
        return 0;
    }
    found_log(in);
    in->framing = true;
    r = tcs_input_frame_start(&in->framer, f, o, err);
    if (r == 0 && can_resume(in, f, from.offset))
        tcs_input_frame_resume(&in->framer, from.offset, from.records);
    return r;
}

static int
next_member(struct tcs_inputs *in, struct tcs_err *err)
{
    struct level *top = &in->levels[in->depth - 1];
    struct tcs_unpack_member m;
    struct tcs_err why;
    locale_t old = uselocale(in->utf8);
    int r = tcs_input_unpack_next(top->unpack, &m, &why);
    uselocale(old);
    if (r < 0)
        report(in, top->origin, tcs_input_stream_cause(why.code), why.msg);
    if (r != 0) {
        close_level(in);
        return 0;
    }
    struct tcs_str path = top->origin->path;
    if (m.name.n)
        path =
            tcs_base_arena_printf(in->arena, "%.*s!%.*s", TCS_STR_FMT(path), TCS_STR_FMT(m.name));
    if (!path.p)
        return tcs_base_fail(err, TCS_ENOMEM, "no memory for the inputs");
    if (m.special)
        return report_path(in, path, TCS_CAUSE_NOT_A_FILE, "a link or a device, not read", err);
    if (!m.locked)
        return begin_source(in, tcs_input_unpack_stream(top->unpack), path, err);
    return report_path(in, path, TCS_CAUSE_LOCKED, "protected by a password; unpack it first", err);
}

/* What comes lies below the user's path `top`: those before it in which no log was found, and of
 * which nothing was said so far, are told. */
static int
leave_tops(struct tcs_inputs *in, uint32_t top, struct tcs_err *err)
{
    int r = 0;
    for (; r == 0 && in->top < top; in->top++, in->told = false)
        if (!in->told)
            r = report_path(in, tcs_base_str_of(in->walk.tops[in->top]), TCS_CAUSE_NO_LOG_IN_IT,
                            "holds nothing of a known format", err);
    return r;
}

/* A file that cannot be opened is a problem; the next one comes. */
static int
open_entry(struct tcs_inputs *in, const struct tcs_walk_entry *e, struct tcs_err *err)
{
    struct tcs_err why;
    const char *msg = e->msg;
    enum tcs_cause cause = e->cause;
    struct tcs_str path = tcs_base_str_of(e->path);
    int r = leave_tops(in, e->top, err);
    if (r < 0)
        return r;
    in->place = (struct tcs_inputs_place){in->next - 1, in->index, in->top, in->told, in->stats};
    if (in->opts.entered)
        in->opts.entered(in->opts.ctx, e->path);
    in->budget = (struct tcs_unpack_budget){.file = &in->file, .crc = &in->crc};
    if (!msg && strcmp(e->path, "-") == 0) {
        tcs_input_file_stdin(&in->file, &in->stats.bytes_read);
    } else if (!msg && tcs_input_file_open(&in->file, e->path, &in->stats.bytes_read, &why) < 0) {
        cause = why.code == TCS_EUNSUPP ? TCS_CAUSE_NOT_A_FILE : TCS_CAUSE_UNREADABLE;
        msg = why.msg;
    }
    return msg ? report_path(in, path, cause, msg, err)
               : begin_source(in, &in->file.stream, path, err);
}

static struct tcs_position
behind(const struct tcs_inputs *in, const struct tcs_block *b)
{
    struct tcs_position p = {.mark = in->position.mark, .read = b->offset + b->n};
    if (in->framer.format->framing == TCS_FRAMING_LINES && in->framer.whole < p.read)
        p.torn = in->framer.whole;
    return p;
}

int
tcs_input_next(struct tcs_inputs *in, struct tcs_unit *ret, struct tcs_err *err)
{
    struct tcs_block block;
    struct tcs_pool_buf *own;
    for (;;) {
        int r = in->framing ? tcs_input_frame_next(&in->framer, &block, &own, err) : 1;
        if (r < 0)
            return r;
        if (r == 0) {
            *ret = (struct tcs_unit){.block = block,
                                     .format = in->framer.format,
                                     .position = behind(in, &block),
                                     .seq = in->seq++,
                                     .own = own};
            return 0;
        }
        close_source(in);
        if (in->depth) {
            r = next_member(in, err);
        } else {
            if (in->file.shrank && (r = report_shrank(in, err)) < 0)
                return r;
            if (end_file(in, ret))
                return 0;
            if (in->next == in->walk.n) {
                r = leave_tops(in, in->walk.ntops, err);
                return r < 0 ? r : 1;
            }
            r = open_entry(in, &in->walk.entries[in->next++], err);
        }
        if (r < 0)
            return r;
    }
}

void
tcs_input_unit_free(struct tcs_inputs *in, struct tcs_unit *u)
{
    tcs_input_pool_put(in->pool, u->own);
    *u = (struct tcs_unit){0};
}

const struct tcs_inputs_stats *
tcs_input_stats(const struct tcs_inputs *in)
{
    return &in->stats;
}

void
tcs_input_place(const struct tcs_inputs *in, struct tcs_inputs_place *ret)
{
    *ret = in->place;
}

void
tcs_input_go_to(struct tcs_inputs *in, const struct tcs_inputs_place *p)
{
    in->next = p->entry < in->walk.n ? p->entry : in->walk.n;
    in->index = p->index;
    in->top = p->top < in->walk.ntops ? p->top : in->walk.ntops;
    in->told = p->told;
    in->stats = p->stats;
    in->place = *p;
}

void
tcs_input_roots(const struct tcs_inputs *in, void (*root)(void *ctx, const char *path), void *ctx)
{
    for (size_t i = 0; i < in->walk.n; i++)
        if (in->walk.entries[i].link)
            root(ctx, in->walk.entries[i].path);
}

static int
next_of(void *ctx, struct tcs_unit *ret, struct tcs_err *err)
{
    return tcs_input_next(ctx, ret, err);
}

static void
give_back(void *ctx, struct tcs_unit *u)
{
    tcs_input_unit_free(ctx, u);
}

/* Files need not be told: what was read of them is remembered by whoever gave the marks. */
const struct tcs_source *
tcs_input_source(struct tcs_inputs *in)
{
    in->source = (struct tcs_source){
        .ctx = in, .next = next_of, .give_back = give_back, .bytes_read = &in->stats.bytes_read};
    return &in->source;
}
