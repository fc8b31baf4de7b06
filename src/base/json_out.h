/* base/json_out.h - writes JSON in order: commas and quotes are its business, nesting the caller's.
 *
 *   struct tcs_jo j = {.b = &buf};
 *   tcs_base_jo_open(&j, NULL, '{');
 *   tcs_base_jo_str(&j, "name", TCS_STR("x"));
 *   tcs_base_jo_open(&j, "list", '[');
 *   tcs_base_jo_u64(&j, NULL, 1);
 *   tcs_base_jo_close(&j, ']');
 *   tcs_base_jo_close(&j, '}');
 *
 * `key` is NULL inside an array and for the outermost value.  Failure is the buffer's. */
#pragma once
#include "base/buf.h"

struct tcs_jo {
    struct tcs_buf *b;
    bool more; /* a value stands before: the next needs a comma */
};

void tcs_base_jo_open(struct tcs_jo *j, const char *key, char bracket);
void tcs_base_jo_close(struct tcs_jo *j, char bracket);
/* Malformed UTF-8 becomes U+FFFD. */
void tcs_base_jo_str(struct tcs_jo *j, const char *key, struct tcs_str value);
/* Nothing at all if the text is empty. */
void tcs_base_jo_str_if(struct tcs_jo *j, const char *key, struct tcs_str value);
/* An array of texts. */
void tcs_base_jo_list(struct tcs_jo *j, const char *key, const struct tcs_str *list, uint32_t n);
void tcs_base_jo_u64(struct tcs_jo *j, const char *key, uint64_t value);
void tcs_base_jo_bool(struct tcs_jo *j, const char *key, bool value);
/* RFC 3339 with six digits; null for TCS_TIME_NONE. */
void tcs_base_jo_time(struct tcs_jo *j, const char *key, int64_t ticks);
/* Bytes that are JSON already. */
void tcs_base_jo_raw(struct tcs_jo *j, const char *key, struct tcs_str json);
