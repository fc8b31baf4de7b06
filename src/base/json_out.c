/* base/json_out.c - JSON text, one call a value. */
#include "base/json_out.h"

#include "base/time.h"

enum { TIME_DIGITS = 6 };

static void
begin(struct tcs_jo *j, const char *key)
{
    if (j->more)
        tcs_base_buf_c(j->b, ',');
    j->more = true;
    if (!key)
        return;
    tcs_base_buf_c(j->b, '"');
    tcs_base_buf_json(j->b, tcs_base_str_of(key));
    tcs_buf_lit(j->b, "\":");
}

void
tcs_base_jo_open(struct tcs_jo *j, const char *key, char bracket)
{
    begin(j, key);
    tcs_base_buf_c(j->b, bracket);
    j->more = false;
}

void
tcs_base_jo_close(struct tcs_jo *j, char bracket)
{
    tcs_base_buf_c(j->b, bracket);
    j->more = true;
}

void
tcs_base_jo_str(struct tcs_jo *j, const char *key, struct tcs_str value)
{
    begin(j, key);
    tcs_base_buf_c(j->b, '"');
    tcs_base_buf_json(j->b, value);
    tcs_base_buf_c(j->b, '"');
}

void
tcs_base_jo_str_if(struct tcs_jo *j, const char *key, struct tcs_str value)
{
    if (value.n)
        tcs_base_jo_str(j, key, value);
}

void
tcs_base_jo_list(struct tcs_jo *j, const char *key, const struct tcs_str *list, uint32_t n)
{
    tcs_base_jo_open(j, key, '[');
    for (uint32_t i = 0; i < n; i++)
        tcs_base_jo_str(j, NULL, list[i]);
    tcs_base_jo_close(j, ']');
}

void
tcs_base_jo_u64(struct tcs_jo *j, const char *key, uint64_t value)
{
    begin(j, key);
    tcs_base_buf_u64(j->b, value);
}

void
tcs_base_jo_bool(struct tcs_jo *j, const char *key, bool value)
{
    begin(j, key);
    tcs_base_buf_str(j->b, value ? TCS_STR("true") : TCS_STR("false"));
}

void
tcs_base_jo_time(struct tcs_jo *j, const char *key, int64_t ticks)
{
    char text[TCS_TIME_TEXT];
    struct tcs_str s = tcs_base_time_format(ticks, TIME_DIGITS, text);
    if (s.n)
        tcs_base_jo_str(j, key, s);
    else
        tcs_base_jo_raw(j, key, TCS_STR("null"));
}

void
tcs_base_jo_raw(struct tcs_jo *j, const char *key, struct tcs_str json)
{
    begin(j, key);
    tcs_base_buf_str(j->b, json);
}
