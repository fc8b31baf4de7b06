/* process/signals.h - Ctrl-C and friends, without signal handlers: blocked, and read from a
 * descriptor. */
#pragma once
#include "base/err.h"

#include <stdbool.h>

struct tcs_stop {
    int signals, wake; /* signalfd, eventfd */
    int signo;         /* the first signal that came, 0 if none */
};

/* From here on SIGINT, SIGTERM and SIGHUP are only seen through tcs_stop_wait, and a closed pipe is
 * an error of write.  Before any thread is started: they inherit the blocked signals. */
int tcs_stop_open(struct tcs_stop *s, struct tcs_err *err);
/* Back to normal, so that a second Ctrl-C ends the process at once. */
void tcs_stop_release(const struct tcs_stop *s);
void tcs_stop_close(struct tcs_stop *s);
/* Make tcs_stop_wait return; any thread. */
void tcs_stop_wake(const struct tcs_stop *s);
/* Wait for a signal, a wake-up or `ms` milliseconds (-1: no limit).  True: a signal has come. */
bool tcs_stop_wait(struct tcs_stop *s, int ms);
