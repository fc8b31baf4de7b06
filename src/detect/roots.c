/* detect/roots.c - the inputs' paths and links, given to the sandbox. */
#include "detect/roots.h"

#include "base/grow.h"

#include <stdlib.h>

/* The paths, and what links in them lead to. */
struct roots {
    const char **at;
    uint32_t n, cap;
    bool failed;
};

static void
add_root(void *ctx, const char *path)
{
    struct roots *r = ctx;
    if (tcs_base_grow(&r->at, &r->cap, r->n, 1, sizeof *r->at))
        r->at[r->n++] = path;
    else
        r->failed = true;
}

int
tcs_detect_roots_confine(const struct tcs_inputs *in, const char *const *paths, size_t n,
                         unsigned rights, enum tcs_sandbox_state *state, struct tcs_err *err)
{
    struct roots roots = {0};
    for (size_t i = 0; i < n; i++)
        add_root(&roots, paths[i]);
    tcs_input_roots(in, add_root, &roots);
    int r = roots.failed ? tcs_base_fail(err, TCS_ENOMEM, "out of memory")
                         : tcs_process_sandbox_enter(roots.at, roots.n, rights, state, err);
    free(roots.at);
    return r;
}
