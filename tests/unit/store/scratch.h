/* tests/unit/store/scratch.h - a store in a folder of its own for each test, and a detection to
 * put. */
#pragma once
#include "check.h"
#include "store/store.h"

#include "base/time.h"

#define DAY (INT64_C(86400) * TCS_TICKS_PER_SEC)

extern char dir[64], file[96];
extern struct tcs_arena *arena;
extern const struct tcs_signature rule_one;

int setup(void **state);
int teardown(void **state);
struct tcs_store *opened(enum tcs_store_mode mode);
struct tcs_store *begun(void); /* opened for writing, in a run */
void good(int r, const struct tcs_err *err);
void end(struct tcs_store *s); /* commits and closes */
int64_t ask(const char *query);
void do_sql(const char *text);
/* One record of a log that numbers them, but for its time. */
struct tcs_finding seen(int64_t time);
void rekey(struct tcs_finding *d); /* after a change of what tells the record apart */
int put(struct tcs_store *s, struct tcs_finding d);
