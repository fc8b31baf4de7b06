/* cli/progress.c - the progress line.  The rate is that of the whole run, so the ETA is calm. */
#include "cli/progress.h"

#include "cli/term.h"
#include "cli/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct tcs_progress {
    struct tcs_term term;
    double start;
    bool shown;
};

bool
tcs_cli_progress_possible(void)
{
    return tcs_cli_term_probe(STDERR_FILENO).tty;
}

struct tcs_progress *
tcs_cli_progress_new(double now)
{
    struct tcs_term term = tcs_cli_term_probe(STDERR_FILENO);
    struct tcs_progress *p = term.tty ? calloc(1, sizeof *p) : NULL;
    if (p)
        *p = (struct tcs_progress){.term = term, .start = now};
    return p;
}

void
tcs_cli_progress_free(struct tcs_progress *p)
{
    free(p);
}

static void
put_eta(struct tcs_buf *b, double seconds)
{
    unsigned s = seconds > 359999 ? 359999 : (unsigned)seconds;
    if (s >= 3600)
        tcs_base_buf_printf(b, ", %u:%02u:%02u left", s / 3600, s / 60 % 60, s % 60);
    else
        tcs_base_buf_printf(b, ", %u:%02u left", s / 60, s % 60);
}

void
tcs_cli_progress_show(struct tcs_progress *p, uint64_t bytes, uint64_t total, uint64_t events,
                      double now)
{
    struct tcs_buf b = {0}, line = {0};
    double took = now - p->start;
    if (total && bytes <= total)
        tcs_base_buf_printf(&b, "%3u %%  ", (unsigned)(bytes * 100 / total));
    tcs_cli_text_bytes(&b, bytes);
    tcs_buf_lit(&b, ", ");
    tcs_cli_text_count(&b, events);
    tcs_buf_lit(&b, " events");
    if (took > 0.5 && bytes) {
        tcs_buf_lit(&b, ", ");
        tcs_cli_text_bytes(&b, (uint64_t)((double)bytes / took));
        tcs_buf_lit(&b, "/s");
        if (total > bytes)
            put_eta(&b, took * (double)(total - bytes) / (double)bytes);
    }
    tcs_buf_lit(&line, "\r\033[K");
    tcs_cli_term_put(&p->term, &line, tcs_base_buf_view(&b), p->term.width - 1);
    fwrite(line.p, 1, line.n, stderr);
    tcs_base_buf_done(&b);
    tcs_base_buf_done(&line);
    p->shown = true;
}

void
tcs_cli_progress_clear(struct tcs_progress *p)
{
    if (p && p->shown)
        fputs("\r\033[K", stderr);
}
