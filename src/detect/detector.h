/* detect/detector.h - what decides what is found: rules, logsources, alert maps, filters;
 * compiled, frozen, shared by threads, and counted by reference, so that a new one can take over
 * while the old one is still in use. */
#pragma once
#include "alertmap/alertmap.h"
#include "detect/opts.h"
#include "detect/rulebook.h"
#include "identity/identity.h"
#include "input/format.h"

struct tcs_detector;

/* Reads and compiles.  Texts of the options are borrowed for as long as the detector lives.  0 or
 * negative with *err: a file that cannot be read or means nothing, no rule left, no memory. */
int tcs_detect_load(const struct tcs_detect_opts *opts, struct tcs_detector **ret,
                    struct tcs_err *err);
/* One more user; any thread. */
struct tcs_detector *tcs_detect_ref(struct tcs_detector *d);
void tcs_detect_unref(struct tcs_detector *d); /* NULL is fine */

enum { TCS_DETECT_CONTENT = 32 };

const struct tcs_detect_opts *tcs_detect_options(const struct tcs_detector *d);
const struct tcs_rulebook *tcs_detect_rulebook(const struct tcs_detector *d);
const struct tcs_alertmap *tcs_detect_alertmap(const struct tcs_detector *d);
const struct tcs_identity_plan *tcs_detect_identity(const struct tcs_detector *d);
/* Tables that inputs are to recognise (tcs_inputs_opts.csv). */
const struct tcs_csv_tables *tcs_detect_tables(const struct tcs_detector *d);
/* How blocks are decoded for it. */
const struct tcs_decode_opts *tcs_detect_decoding(const struct tcs_detector *d);
/* Hash (32 bytes) of all that decides what is found in given bytes: a log that was read with an
 * equal one needs no second reading. */
void tcs_detect_content(const struct tcs_detector *d, uint8_t out[TCS_DETECT_CONTENT]);
