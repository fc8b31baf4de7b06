/* tests/steps/steps.c - counts the edges that the compiler marks (-fsanitize-coverage=trace-pc),
 * and what libraries do, which are not marked (the linker's --wrap; meson.build has the list).
 *
 * With TOCSIN_STEPS=FILE in the environment, the steps of all threads and of all processes that
 * come from this one are added up in the first eight bytes of FILE.  A thread hands them over every
 * SHARE steps: what is less is not in the file. */
#include "steps/steps.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What counts is not itself counted. */
#if defined(__clang__)
#define PLAIN __attribute__((no_sanitize("coverage")))
#else
#define PLAIN __attribute__((no_sanitize_coverage))
#endif

enum {
    SHARE = 4096,
    WORD = 8,
    REGEX = 16384
}; /* REGEX: bytes of a text that one match goes over */

static _Thread_local uint64_t steps, handed_over, limit = UINT64_MAX;
static uint64_t *sum; /* in the file; NULL: nobody asked */

/* Before main: afterwards nothing may be opened. */
PLAIN __attribute__((constructor)) static void
open_sum(void)
{
    const char *path = getenv("TOCSIN_STEPS");
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    void *p = ftruncate(fd, (off_t)sizeof *sum) < 0
                  ? MAP_FAILED
                  : mmap(NULL, sizeof *sum, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    sum = p == MAP_FAILED ? NULL : p;
    close(fd);
}

PLAIN static void
too_many(void)
{
    limit = UINT64_MAX;
    fprintf(stderr, "ERROR: too many steps for this input: %llu\n", (unsigned long long)steps);
    abort();
}

PLAIN static void
count(uint64_t n)
{
    steps += n;
    if (steps > limit)
        too_many();
    if (steps - handed_over < SHARE)
        return;
    if (sum)
        __atomic_fetch_add(sum, steps - handed_over, __ATOMIC_RELAXED);
    handed_over = steps;
}

PLAIN uint64_t
steps_now(void)
{
    return steps;
}

PLAIN void
steps_limit(uint64_t more)
{
    limit = more > UINT64_MAX - steps ? UINT64_MAX : steps + more;
}

/* What the compiler calls at each edge.  Wrapped too: libFuzzer has one that only complains. */
void __wrap___sanitizer_cov_trace_pc(void);
PLAIN void
__wrap___sanitizer_cov_trace_pc(void)
{
    count(1);
}

/* The wrapped function's own name is `__real_` and its name; its work is counted by `n` bytes.
 * Weak: not every program has every library. */
#define WRAP(type, name, params, args, n)                                                          \
    __attribute__((weak)) type __real_##name params;                                               \
    type __wrap_##name params;                                                                     \
    PLAIN type __wrap_##name params                                                                \
    {                                                                                              \
        count((n) / WORD);                                                                         \
        return __real_##name args;                                                                 \
    }

WRAP(void *, memcpy, (void *to, const void *from, size_t n), (to, from, n), n)
WRAP(void *, memmove, (void *to, const void *from, size_t n), (to, from, n), n)
WRAP(void *, memset, (void *to, int c, size_t n), (to, c, n), n)
WRAP(int, memcmp, (const void *a, const void *b, size_t n), (a, b, n), n)
WRAP(int, tcs_decode_simdjson_parse, (void *s, const void *p, size_t n, void *doc), (s, p, n, doc),
     n *WORD)
WRAP(int, pcre2_match_8,
     (const void *code, const void *p, size_t n, size_t at, uint32_t options, void *data,
      void *context),
     (code, p, n, at, options, data, context), (n - at < REGEX ? n - at : REGEX) * WORD)
#ifdef STEPS_ASAN /* what the address sanitizer calls in their place */
WRAP(void *, __asan_memcpy, (void *to, const void *from, size_t n), (to, from, n), n)
WRAP(void *, __asan_memmove, (void *to, const void *from, size_t n), (to, from, n), n)
WRAP(void *, __asan_memset, (void *to, int c, size_t n), (to, c, n), n)
#endif

/* As far as it looked. */
#define WRAP_SEARCH(name, passed)                                                                  \
    __attribute__((weak)) void *__real_##name(const void *p, int c, size_t n);                     \
    void *__wrap_##name(const void *p, int c, size_t n);                                           \
    PLAIN void *__wrap_##name(const void *p, int c, size_t n)                                      \
    {                                                                                              \
        char *ret = __real_##name(p, c, n);                                                        \
        count((ret ? (passed) : n) / WORD);                                                        \
        return ret;                                                                                \
    }

WRAP_SEARCH(memchr, (size_t)(ret - (const char *)p))
WRAP_SEARCH(memrchr, n - (size_t)(ret - (const char *)p))

__attribute__((weak)) void *__real_memmem(const void *p, size_t n, const void *w, size_t k);
void *__wrap_memmem(const void *p, size_t n, const void *w, size_t k);
PLAIN void *
__wrap_memmem(const void *p, size_t n, const void *w, size_t k)
{
    char *ret = __real_memmem(p, n, w, k);
    count((ret ? (size_t)(ret - (const char *)p) : n) / WORD);
    return ret;
}

__attribute__((weak)) size_t __real_strlen(const char *s);
size_t __wrap_strlen(const char *s);
PLAIN size_t
__wrap_strlen(const char *s)
{
    size_t n = __real_strlen(s);
    count(n / WORD);
    return n;
}

__attribute__((weak)) int __real_sqlite3_step(void *statement);
__attribute__((weak)) int sqlite3_stmt_status(void *statement, int what, int reset);
int __wrap_sqlite3_step(void *statement);
PLAIN int
__wrap_sqlite3_step(void *statement)
{
    enum { VM_STEP = 4 }; /* SQLITE_STMTSTATUS_VM_STEP */
    int r = __real_sqlite3_step(statement);
    int n = sqlite3_stmt_status(statement, VM_STEP, 1);
    count(n > 0 ? (uint64_t)n : 0);
    return r;
}
