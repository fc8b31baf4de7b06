/* decode/json/json_repair.c - one pass over the text, aware of strings and numbers only (RFC 8259
 * §6, §7). Runs only on objects that the parser refused, so it is plain, not fast. */
#include "decode/json/json_repair.h"

#include "base/num.h"
#include "base/utf.h"

struct repair {
    struct tcs_str in;
    size_t at;
    struct tcs_buf *out;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The unit of a \uXXXX at in.p[at]; -1 if none stands there. */
static int32_t
escaped_unit(struct tcs_str in, size_t at)
{
    char text[] = "0x0000";
    uint64_t unit;
    if (in.n - at < 6 || in.p[at] != '\\' || in.p[at + 1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        if (!is_hex(in.p[at + i]))
            return -1;
        text[i] = in.p[at + i];
    }
    return tcs_base_num_hex((struct tcs_str){text, 6}, &unit) ? (int32_t)unit : -1;
}

static void
copy(struct repair *r, size_t n)
{
    tcs_base_buf_put(r->out, r->in.p + r->at, n);
    r->at += n;
}

static void
repair_escape(struct repair *r)
{
    int32_t unit = escaped_unit(r->in, r->at);
    if (unit >= 0xd800 && unit < 0xdc00) {
        int32_t low = r->in.n - r->at >= 12 ? escaped_unit(r->in, r->at + 6) : -1;
        if (low >= 0xdc00 && low < 0xe000) {
            copy(r, 12);
            return;
        }
    }
    if (unit >= 0xd800 && unit < 0xe000) {
        tcs_buf_lit(r->out, "\\ufffd");
        r->at += 6;
    } else if (unit >= 0) {
        copy(r, 6);
    } else if (r->at + 1 < r->in.n && r->in.p[r->at + 1] &&
               memchr("\"\\/bfnrt", r->in.p[r->at + 1], 8)) {
        copy(r, 2);
    } else {
        tcs_buf_lit(r->out, "\\\\");
        r->at++;
    }
}

static void
repair_string(struct repair *r)
{
    copy(r, 1);
    while (r->at < r->in.n && r->in.p[r->at] != '"') {
        unsigned char c = (unsigned char)r->in.p[r->at];
        size_t len = tcs_base_utf8_len(r->in, r->at);
        if (c == '\\') {
            repair_escape(r);
        } else if (c < 0x20) {
            tcs_base_buf_printf(r->out, "\\u%04x", c);
            r->at++;
        } else if (len) {
            copy(r, len);
        } else {
            tcs_buf_lit(r->out, "\xef\xbf\xbd");
            r->at++;
        }
    }
    if (r->at < r->in.n)
        copy(r, 1);
}

static bool
is_number_char(char c)
{
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Would the parser take it?  Grammar: no leading zeros or plus, digits on both sides of the point.
 */
static bool
is_good_number(struct tcs_str s)
{
    int64_t i;
    uint64_t u;
    double d;
    struct tcs_str digits = s.n && s.p[0] == '-' ? tcs_base_str_slice(s, 1, s.n) : s;
    bool integer = true;
    if (!digits.n || !is_digit(digits.p[0]) ||
        (digits.n > 1 && digits.p[0] == '0' && is_digit(digits.p[1])))
        return false;
    for (size_t k = 0; k < digits.n; k++) {
        integer &= is_digit(digits.p[k]);
        if (digits.p[k] == '.' && (k + 1 == digits.n || !is_digit(digits.p[k + 1])))
            return false;
    }
    return integer ? tcs_base_num_i64(s, &i) || tcs_base_num_u64(s, &u)
                   : tcs_base_num_double(s, &d);
}

static void
repair_number(struct repair *r)
{
    size_t end = r->at;
    while (end < r->in.n && is_number_char(r->in.p[end]))
        end++;
    struct tcs_str s = tcs_base_str_slice(r->in, r->at, end);
    bool good = is_good_number(s);
    tcs_base_buf_put(r->out, "\"", good ? 0 : 1);
    copy(r, s.n);
    tcs_base_buf_put(r->out, "\"", good ? 0 : 1);
}

void
tcs_decode_json_repair(struct tcs_str text, struct tcs_buf *out)
{
    struct repair r = {.in = text, .out = out};
    while (r.at < text.n) {
        char c = text.p[r.at];
        if (c == '"')
            repair_string(&r);
        else if (is_digit(c) || c == '-' || c == '+' || c == '.')
            repair_number(&r);
        else
            copy(&r, 1);
    }
}
