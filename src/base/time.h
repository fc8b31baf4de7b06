/* base/time.h - event time: 100-nanosecond ticks since 1970-01-01T00:00:00Z (the resolution of
 * Windows' FILETIME), proleptic Gregorian, no leap seconds. */
#pragma once
#include "base/buf.h"

enum { TCS_TIME_TEXT = 40 }; /* room for any formatted time */
#define TCS_TIME_NONE INT64_MIN
#define TCS_TICKS_PER_SEC 10000000
/* No record has an earlier time (the year 0, less a day for its offset) or a later one (the last
 * FILETIME, in the year 30828). */
#define TCS_TIME_FIRST INT64_C(-622000000000000000)
#define TCS_TIME_LAST (INT64_MAX - INT64_C(116444736000000000))

/* Before the year 10000: no difference of two such times overflows.  False for TCS_TIME_NONE. */
static inline bool
tcs_base_time_usable(int64_t t)
{
    return t >= TCS_TIME_FIRST && t < INT64_C(2534023008000000000);
}

struct tcs_civil {
    int32_t year;                             /* astronomical */
    uint8_t month, day, hour, minute, second; /* month and day from 1 */
    uint32_t tick;                            /* 0..9999999 */
};

/* FILETIME (ticks since 1601) to ticks; TCS_TIME_NONE when out of the range of int64. */
int64_t tcs_base_time_from_filetime(uint64_t ft);
/* Seconds since 1970, or milli-, micro- or nanoseconds: the size tells which (seconds reach 1e11 in
 * the year 5138).  TCS_TIME_NONE when negative or beyond all of these. */
int64_t tcs_base_time_from_epoch(double n);
struct tcs_civil tcs_base_time_civil(int64_t t);
/* TCS_TIME_NONE when a part is out of range (day is checked against the month). */
int64_t tcs_base_time_of_civil(struct tcs_civil c);
/* RFC 3339, also "YYYY-MM-DD" and a blank for the T; missing offset means UTC.  Fractions beyond
 * 7 digits are cut.  False if it is not such a time. */
bool tcs_base_time_parse(struct tcs_str s, int64_t *ret);
/* "2026-04-20T10:00:35.646624Z": `digits` 0..7 of the fraction, cut, not rounded.  Writes into out,
 * returns the slice.  "" for TCS_TIME_NONE and years outside 0..9999. */
struct tcs_str tcs_base_time_format(int64_t t, int digits, char out[TCS_TIME_TEXT]);
/* ISO 8601 week 1..53 of the date (Sigma modifier `week`). */
unsigned tcs_base_time_iso_week(struct tcs_civil c);
