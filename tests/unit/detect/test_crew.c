/* Tests detect/crew.c: what comes out of processes is what comes out of threads, whichever of them
 * dies when; what is lost is told, and nothing else is.
 *
 * Processes die by what the job does in them: it aborts, asks the system for what it may not have,
 * takes all memory, or says what no worker says. */
#include "check.h"
#include "decode/formats.h"
#include "detect/files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 3, LINES = 40000, BAD_LINE = 25000, KILLS = 52 };

static char top[] = "/tmp/tocsin-test-XXXXXX";
static char paths[FILES][64];

/* What goes wrong at the bad line of the middle file, in whoever decodes it. */
enum wrong { NOTHING, ABORT, FORBIDDEN, NO_MEMORY, GARBAGE, END_AT_ONCE };

struct job {
    enum wrong wrong;
    atomic_uint *times; /* that it may still go wrong; shared with the processes */
    struct tcs_buf told;
    uint64_t blocks, blocks_lost;
};

/* --- in a worker --- */

static void
go_wrong(enum wrong wrong, struct tcs_batch *b)
{
    if (wrong == ABORT)
        abort();
    if (wrong == FORBIDDEN)
        (void)!open("/etc/hostname", O_RDONLY);
    if (wrong == NO_MEMORY) {
        size_t n = (size_t)1 << 30;
        char *p = malloc(n);
        b->no_memory = p == NULL;
        free(p);
    }
    if (wrong == GARBAGE)
        (void)!write(3, "garbage", 7);
    if (wrong == END_AT_ONCE)
        _exit(0);
}

static void
on_event(void *ctx, const struct tcs_event *ev)
{
    struct tcs_worker *w = ctx;
    struct job *j = w->job->ctx;
    const bool here = ev->record_id == BAD_LINE && strstr(ev->origin->path.p, "/1.jsonl");
    if (here && j->wrong && atomic_load(j->times)) {
        atomic_fetch_sub(j->times, 1);
        go_wrong(j->wrong, w->batch);
    }
    tcs_base_buf_u64(&w->batch->out, ev->origin->index);
    tcs_base_buf_c(&w->batch->out, ':');
    tcs_base_buf_u64(&w->batch->out, ev->record_id);
    tcs_base_buf_c(&w->batch->out, '\n');
}

/* --- in the engine --- */

static int
put(void *ctx, struct tcs_batch *b, struct tcs_err *err)
{
    struct job *j = ctx;
    (void)err;
    j->blocks++;
    j->blocks_lost += b->notes.count[TCS_CAUSE_DIED];
    tcs_base_buf_put(&j->told, b->out.p, b->out.n);
    return 0;
}

struct outcome {
    int status;
    uint64_t blocks, blocks_lost, died, lost, events, bytes;
};

/* Once over the files.  The caller frees *told. */
static struct outcome
run(unsigned threads, bool processes, enum wrong wrong, unsigned times,
    const struct tcs_format *const *formats, struct tcs_buf *told)
{
    const char *const all[FILES] = {paths[0], paths[1], paths[2]};
    atomic_uint *left =
        mmap(NULL, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct job j = {.wrong = wrong, .times = left};
    struct tcs_job job = {
        .ctx = &j, .threads = threads, .formats = formats, .event = on_event, .put = put};
    struct tcs_crew_opts how = {.job = &job, .paths = all, .npaths = FILES, .confine = true};
    struct tcs_files files = {0};
    struct tcs_files_opts opts = {.paths = all, .npaths = FILES};
    struct tcs_err err = {0};
    assert_true(left != MAP_FAILED);
    atomic_store(left, times);
    if (processes && tcs_detect_crew_new(&how, &opts.crew, &err) < 0)
        fail_msg("%s", err.msg);
    struct outcome o = {.status = tcs_detect_files_run(&files, &opts, &job, &err)};
    const struct tcs_totals *t = files.totals;
    o.blocks = j.blocks;
    o.blocks_lost = j.blocks_lost;
    o.died = t->notes.count[TCS_CAUSE_DIED];
    o.lost = t->notes.bytes_lost;
    o.events = t->stats.events;
    o.bytes = files.inputs->bytes_read;
    assert_false(tcs_detect_files_close(&files));
    tcs_process_signals_release(&(struct tcs_stop){-1, -1, 0});
    /* nobody is left */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    munmap(left, sizeof *left);
    *told = j.told;
    return o;
}

static void
same(struct tcs_buf *a, struct tcs_buf *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->p, b->p, a->n);
    tcs_base_buf_done(a);
}

/* --- the tests --- */

static void
test_as_threads(void **state)
{
    struct tcs_buf want, got;
    (void)state;
    struct outcome a = run(2, false, NOTHING, 0, tcs_decode_formats, &want);
    assert_int_equal(a.events, FILES * LINES);
    for (unsigned n = 1; n <= 5; n += 2) {
        struct outcome b = run(n, true, NOTHING, 0, tcs_decode_formats, &got);
        assert_int_equal(b.status, 0);
        assert_int_equal(b.events, a.events);
        assert_int_equal(b.blocks, a.blocks);
        assert_int_equal(b.bytes, a.bytes);
        assert_int_equal(b.died, 0);
        same(&got, &want);
    }
    tcs_base_buf_done(&want);
}

/* A death over a block that the next one decodes leaves no trace. */
static void
test_dies_once(void **state)
{
    static const enum wrong ways[] = {ABORT, END_AT_ONCE, GARBAGE, NO_MEMORY,
#ifndef TCS_SANITIZED
                                      FORBIDDEN
#endif
    };
    struct tcs_buf want, got;
    (void)state;
    run(1, false, NOTHING, 0, tcs_decode_formats, &want);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (unsigned n = 1; n <= 3; n += 2) {
            struct outcome o = run(n, true, ways[i], 1, tcs_decode_formats, &got);
            assert_int_equal(o.status, 0);
            assert_int_equal(o.died, 0);
            assert_int_equal(o.events, FILES * LINES);
            same(&got, &want);
        }
    tcs_base_buf_done(&want);
}

/* Two deaths: the block is set aside and told, and everything else is there; the same for any
 * number of workers.  claim: death */
static void
test_dies_always(void **state)
{
    static const enum wrong ways[] = {ABORT, END_AT_ONCE, GARBAGE,
#ifndef TCS_SANITIZED
                                      NO_MEMORY, FORBIDDEN
#endif
    };
    struct tcs_buf want = {0}, got;
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (unsigned n = 1; n <= 3; n += 2) {
            struct outcome o = run(n, true, ways[i], UINT32_MAX, tcs_decode_formats, &got);
            assert_int_equal(o.status, 0);
            assert_int_equal(o.died, 1);
            assert_int_equal(o.blocks_lost, 1);
            assert_in_range(o.lost, 1 << 19, 1 << 21); /* a block */
            assert_in_range(o.events, 2 * LINES, FILES * LINES - 1);
            if (!want.n)
                want = got;
            else
                same(&got, &want);
        }
    tcs_base_buf_done(&want);
}

/* --- the reader --- */

static atomic_uint *reader_deaths;

/* No file is of this format, and whoever asks whether the middle one is, dies. */
static bool
deadly_sniff(const uint8_t *p, size_t n)
{
    static const char mark[] = "{\"EventID\":1,\"file\":1,";
    if (n >= sizeof mark && memcmp(p, mark, sizeof mark - 1) == 0 && atomic_load(reader_deaths)) {
        atomic_fetch_sub(reader_deaths, 1);
        abort();
    }
    return false;
}

static const struct tcs_format deadly = {.name = "deadly", .sniff = deadly_sniff};

static void
test_reader_dies(void **state)
{
    const struct tcs_format *formats[16] = {&deadly};
    struct tcs_buf want, got, less = {0};
    size_t n = 0;
    (void)state;
    for (; tcs_decode_formats[n]; n++)
        formats[n + 1] = tcs_decode_formats[n];
    reader_deaths = mmap(NULL, sizeof *reader_deaths, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(reader_deaths != MAP_FAILED);
    run(1, false, NOTHING, 0, tcs_decode_formats, &want);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        atomic_store(reader_deaths, 1);
        struct outcome o = run(threads, true, NOTHING, 0, formats, &got);
        assert_int_equal(o.status, 0);
        assert_int_equal(o.died, 0);
        same(&got, &want);
        atomic_store(reader_deaths, 100);
        o = run(threads, true, NOTHING, 0, formats, &got);
        assert_int_equal(o.status, 0);
        assert_int_equal(o.died, 1);
        assert_int_equal(o.events, 2 * LINES);
        assert_int_equal(atomic_load(reader_deaths), 98); /* twice, and not again */
        if (!less.n)
            less = got;
        else
            same(&got, &less);
    }
    tcs_base_buf_done(&want);
    tcs_base_buf_done(&less);
    munmap(reader_deaths, sizeof *reader_deaths);
}

/* --- killed from outside, at any moment --- */

/* Children of the spawner, which is this process's only child. */
static unsigned
find_processes(pid_t *ret, unsigned max)
{
    char path[64], text[4096] = "";
    unsigned n = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(path, "r");
    int spawner = 0;
    if (!f || fscanf(f, "%d", &spawner) != 1)
        spawner = 0;
    if (f)
        fclose(f);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", spawner, spawner);
    f = spawner ? fopen(path, "r") : NULL;
    if (f && fgets(text, sizeof text, f))
        for (char *at = text, *end; n < max; at = end) {
            long pid = strtol(at, &end, 10);
            if (end == at)
                break;
            ret[n++] = (pid_t)pid;
        }
    if (f)
        fclose(f);
    return n;
}

struct killer {
    struct job j;
    unsigned at, whom; /* behind which batch, and which of the processes */
    unsigned nth, kills;
};

static int
put_and_kill(void *ctx, struct tcs_batch *b, struct tcs_err *err)
{
    struct killer *k = ctx;
    pid_t pids[16];
    int r = put(&k->j, b, err);
    if (k->nth++ == k->at) {
        unsigned n = find_processes(pids, 16);
        k->kills += n && kill(pids[k->whom % n], k->at % 2 ? SIGKILL : SIGSEGV) == 0;
    }
    return r;
}

static void
test_killed_at_any_moment(void **state)
{
    const char *const all[FILES] = {paths[0], paths[1], paths[2]};
    struct tcs_buf want;
    unsigned kills = 0;
    (void)state;
    run(1, false, NOTHING, 0, tcs_decode_formats, &want);
    for (unsigned i = 0; i < KILLS; i++) {
        struct killer k = {.at = i % 13, .whom = i / 13};
        struct tcs_job job = {.ctx = &k,
                              .threads = 1 + i % 3,
                              .formats = tcs_decode_formats,
                              .event = on_event,
                              .put = put_and_kill};
        struct tcs_crew_opts how = {.job = &job, .paths = all, .npaths = FILES, .confine = true};
        struct tcs_files files = {0};
        struct tcs_files_opts opts = {.paths = all, .npaths = FILES};
        struct tcs_err err = {0};
        if (tcs_detect_crew_new(&how, &opts.crew, &err) < 0 ||
            tcs_detect_files_run(&files, &opts, &job, &err) < 0)
            fail_msg("%s", err.msg);
        assert_int_equal(files.totals->notes.count[TCS_CAUSE_DIED], 0);
        assert_int_equal(files.totals->stats.events, FILES * LINES);
        assert_false(tcs_detect_files_close(&files));
        same(&k.j.told, &want);
        kills += k.kills;
    }
    assert_true(kills > KILLS / 2);
    tcs_base_buf_done(&want);
}

static int
make_files(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(top));
    for (int i = 0; i < FILES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%d.jsonl", top, i);
        FILE *f = fopen(paths[i], "w");
        assert_non_null(f);
        for (int n = 1; n <= LINES; n++)
            fprintf(f,
                    "{\"EventID\":1,\"file\":%d,\"Channel\":\"Security\",\"Computer\":\"WS%02d\","
                    "\"text\":\"a line that is not short, so that a file is several blocks\"}\n",
                    i, n % 7);
        assert_int_equal(fclose(f), 0);
    }
    return 0;
}

static int
drop_files(void **state)
{
    (void)state;
    for (int i = 0; i < FILES; i++)
        unlink(paths[i]);
    return rmdir(top);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_threads),           cmocka_unit_test(test_dies_once),
        cmocka_unit_test(test_dies_always),          cmocka_unit_test(test_reader_dies),
        cmocka_unit_test(test_killed_at_any_moment),
    };
    return cmocka_run_group_tests(tests, make_files, drop_files);
}
