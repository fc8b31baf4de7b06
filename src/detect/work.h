/* detect/work.h - one worker: takes blocks one after the other, decodes each into a batch.
 *
 * The same on a thread of the run and in a process of its own. */
#pragma once
#include "detect/run.h"

/* w->job is set, and w->stopping if somebody may stop it.  False: no memory. */
bool tcs_detect_work_open(struct tcs_worker *w);
/* Into w->batch, which is empty but for what tells where the block is from. */
void tcs_detect_work(struct tcs_worker *w, const struct tcs_unit *unit);
void tcs_detect_work_close(struct tcs_worker *w);
/* What a large object made decoders and scan grow to is given back.  False: no memory. */
bool tcs_detect_work_anew(struct tcs_worker *w);

/* A block that is one large object; the usual ones have 1 MiB.  It takes up to 20 times its size
 * until it is told: never two at once. */
enum { TCS_LARGE_BLOCK = 4 << 20 };
