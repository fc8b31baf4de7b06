/* base/time.c - civil dates from days by the 400-year cycle; no libc time, so no locale, no zone.
 */
#include "base/time.h"

#include "base/invariant.h"
#include "base/num.h"

static const int64_t DAY = (int64_t)86400 * TCS_TICKS_PER_SEC;
static const int64_t FILETIME_EPOCH = 116444736000000000; /* ticks from 1601 to 1970 */

int64_t
tcs_base_time_from_filetime(uint64_t ft)
{
    return ft > INT64_MAX ? TCS_TIME_NONE : (int64_t)ft - FILETIME_EPOCH;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a date; March-based years put the leap day last. */
static int64_t
days_of(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = floor_div(y, 400), yoe = y - era * 400;
    int64_t doy = (153 * (int64_t)(m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct tcs_civil
tcs_base_time_civil(int64_t t)
{
    int64_t days = floor_div(t, DAY), in_day = t - days * DAY;
    int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int64_t secs = in_day / TCS_TICKS_PER_SEC;
    struct tcs_civil c = {
        .day = (uint8_t)(doy - (153 * mp + 2) / 5 + 1),
        .month = (uint8_t)(mp < 10 ? mp + 3 : mp - 9),
        .hour = (uint8_t)(secs / 3600),
        .minute = (uint8_t)(secs / 60 % 60),
        .second = (uint8_t)(secs % 60),
        .tick = (uint32_t)(in_day % TCS_TICKS_PER_SEC),
    };
    c.year = (int32_t)(yoe + era * 400 + (c.month <= 2));
    return c;
}

static unsigned
month_days(int32_t y, unsigned m)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    TCS_ROW_FOR_EACH(days, 12);
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return (unsigned)days[m - 1] + (m == 2 && leap);
}

int64_t
tcs_base_time_from_epoch(double n)
{
    static const double unit[] = {1e7, 1e4, 1e1, 1e-2};
    double limit = 1e11;
    if (!(n >= 0))
        return TCS_TIME_NONE;
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++, limit *= 1e3)
        if (n < limit)
            return (int64_t)(n * unit[i]);
    return TCS_TIME_NONE;
}

int64_t
tcs_base_time_of_civil(struct tcs_civil c)
{
    if (c.year < -20000 || c.year > 20000 || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day > month_days(c.year, c.month) || c.hour > 23 || c.minute > 59 || c.second > 59 ||
        c.tick >= TCS_TICKS_PER_SEC)
        return TCS_TIME_NONE;
    int64_t secs = c.hour * 3600 + c.minute * 60 + c.second;
    return days_of(c.year, c.month, c.day) * DAY + secs * TCS_TICKS_PER_SEC + c.tick;
}

static bool
digits(struct tcs_str s, size_t at, size_t n, uint64_t *ret)
{
    return at + n <= s.n && tcs_base_num_u64(tcs_base_str_slice(s, at, at + n), ret);
}

/* "Z", "+hh:mm", "-hhmm", or nothing (UTC); the whole rest of the text. */
static bool
parse_offset(struct tcs_str s, int64_t *minutes)
{
    uint64_t h, m;
    *minutes = 0;
    if (s.n == 0 || (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')))
        return true;
    size_t colon = s.n == 6 && s.p[3] == ':';
    if ((s.p[0] != '+' && s.p[0] != '-') || s.n != 5 + colon || !digits(s, 1, 2, &h) ||
        !digits(s, 3 + colon, 2, &m) || h > 23 || m > 59)
        return false;
    *minutes = (int64_t)(h * 60 + m) * (s.p[0] == '-' ? -1 : 1);
    return true;
}

static size_t
parse_fraction(struct tcs_str s, size_t at, uint32_t *tick)
{
    uint32_t scale = TCS_TICKS_PER_SEC / 10;
    if (at >= s.n || (s.p[at] != '.' && s.p[at] != ','))
        return at;
    for (at++; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++) {
        *tick += scale * (uint32_t)(s.p[at] - '0');
        scale /= 10;
    }
    return at;
}

bool
tcs_base_time_parse(struct tcs_str s, int64_t *ret)
{
    uint64_t y, mo, d, h = 0, mi = 0, se = 0;
    uint32_t tick = 0;
    int64_t offset = 0;
    if (!digits(s, 0, 4, &y) || !digits(s, 5, 2, &mo) || !digits(s, 8, 2, &d) || s.p[4] != '-' ||
        s.p[7] != '-')
        return false;
    if (s.n > 10) {
        if (!memchr("Tt ", s.p[10], 3) || !digits(s, 11, 2, &h) || !digits(s, 14, 2, &mi) ||
            !digits(s, 17, 2, &se) || s.p[13] != ':' || s.p[16] != ':')
            return false;
        size_t at = parse_fraction(s, 19, &tick);
        if (!parse_offset(tcs_base_str_slice(s, at, s.n), &offset))
            return false;
    }
    if (se == 60)
        se = 59; /* a leap second is the second before it */
    int64_t t = tcs_base_time_of_civil((struct tcs_civil){.year = (int32_t)y,
                                                          .month = (uint8_t)mo,
                                                          .day = (uint8_t)d,
                                                          .hour = (uint8_t)h,
                                                          .minute = (uint8_t)mi,
                                                          .second = (uint8_t)se,
                                                          .tick = tick});
    if (t == TCS_TIME_NONE)
        return false;
    *ret = t - offset * 60 * TCS_TICKS_PER_SEC;
    return true;
}

static void
put_digits(char *out, unsigned v, int n)
{
    while (n-- > 0) {
        out[n] = (char)('0' + v % 10);
        v /= 10;
    }
}

struct tcs_str
tcs_base_time_format(int64_t t, int places, char out[TCS_TIME_TEXT])
{
    struct tcs_civil c =
        t == TCS_TIME_NONE ? (struct tcs_civil){.year = -1} : tcs_base_time_civil(t);
    if (c.year < 0 || c.year > 9999)
        return (struct tcs_str){out, 0};
    memcpy(out, "0000-00-00T00:00:00.", 20);
    put_digits(out, (unsigned)c.year, 4);
    put_digits(out + 5, c.month, 2);
    put_digits(out + 8, c.day, 2);
    put_digits(out + 11, c.hour, 2);
    put_digits(out + 14, c.minute, 2);
    put_digits(out + 17, c.second, 2);
    put_digits(out + 20, c.tick, 7);
    size_t n = places > 0 ? 20 + (size_t)(places < 7 ? places : 7) : 19;
    out[n++] = 'Z';
    return (struct tcs_str){out, n};
}

unsigned
tcs_base_time_iso_week(struct tcs_civil c)
{
    /* The week of a date is the week of its Thursday, counted in that Thursday's year. */
    int64_t day = days_of(c.year, c.month, c.day);
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* Monday 0; 1970-01-01 was a Thursday */
    int64_t thursday = day - weekday + 3;
    struct tcs_civil th = tcs_base_time_civil(thursday * DAY);
    return (unsigned)((thursday - days_of(th.year, 1, 1)) / 7 + 1);
}
