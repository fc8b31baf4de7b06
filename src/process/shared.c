/* process/shared.c - mappings that a fork shares. */
#include "process/shared.h"

#include <sys/mman.h>
#include <unistd.h>

void *
tcs_process_shared_new(size_t n)
{
    void *p =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void
tcs_process_shared_leave(void *p, size_t n)
{
    if (p)
        munmap(p, n);
}

bool
tcs_process_shared_readonly(void *p, size_t n)
{
    return mprotect(p, n, PROT_READ) == 0;
}

void
tcs_process_shared_trim(void *p, size_t n, size_t keep)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), from = (keep + page - 1) / page * page;
    if (from < n)
        madvise((char *)p + from, n - from, MADV_REMOVE);
}
