/* process/signals.h - Ctrl-C and friends, without signal handlers: blocked, and read from a
 * descriptor. */
#pragma once
#include "base/err.h"

#include <stdbool.h>

struct tcs_stop {
    int signals, wake; /* signalfd, eventfd */
    int signo;         /* the first signal that came, 0 if none */
};

/* From here on SIGINT, SIGTERM and SIGHUP are only seen through tcs_process_signals_wait, and a
 * closed pipe is an error of write.  Before any thread is started: they inherit the blocked
 * signals. */
int tcs_process_signals_open(struct tcs_stop *s, struct tcs_err *err);
/* Back to normal, so that a second Ctrl-C ends the process at once. */
void tcs_process_signals_release(const struct tcs_stop *s);
void tcs_process_signals_close(struct tcs_stop *s);
/* Make tcs_process_signals_wait return; any thread. */
void tcs_process_signals_wake(const struct tcs_stop *s);
/* Wait for a signal, a wake-up or `ms` milliseconds (-1: no limit).  True: a signal has come. */
bool tcs_process_signals_wait(struct tcs_stop *s, int ms);
