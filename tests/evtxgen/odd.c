/* tests/evtxgen/odd.c - tables of values and records that are whole as records and strange inside.
 */
#include "evtxgen/damage.h"

#include <stdlib.h>

#define BYTES(lit) lit, sizeof(lit) - 1
#define TEXT(lit) lit, sizeof(lit) - 1
#define ANY NULL, 0

/* Expected texts: peers' notes on these cases, [MS-DTYP] 2.4.2 for SIDs, Unicode for U+FFFD. */
const struct evg_odd evg_odds[] = {
    {"sid of 4 bytes", EVG_SID, BYTES("\1\1\0\0"), ANY},
    {"sid with more parts than bytes", EVG_SID, BYTES("\1\x0f\0\0\0\0\0\5\x15\0\0\0"), ANY},
    {"sid with a 48-bit authority", EVG_SID, BYTES("\1\1\1\2\3\4\5\6\7\0\0\0"),
     TEXT("S-1-1108152157446-7")},
    {"sid without parts", EVG_SID, BYTES("\1\0\0\0\0\0\0\5"), TEXT("S-1-5")},
    {"lone high surrogate", EVG_STRING,
     BYTES("a\0\0\xd8"
           "b\0"),
     TEXT("a\xef\xbf\xbd"
          "b")},
    {"lone low surrogate", EVG_STRING,
     BYTES("a\0\0\xdc"
           "b\0"),
     TEXT("a\xef\xbf\xbd"
          "b")},
    {"surrogates swapped", EVG_STRING, BYTES("\0\xde\x3d\xd8"), TEXT("\xef\xbf\xbd\xef\xbf\xbd")},
    {"high surrogate at the end", EVG_STRING, BYTES("a\0\x3d\xd8"), TEXT("a\xef\xbf\xbd")},
    {"odd byte length", EVG_STRING, BYTES("a\0b\0c"), TEXT("ab")},
    {"one byte of text", EVG_STRING, BYTES("a"), ANY},
    {"trailing blanks", EVG_STRING, BYTES("a\0 \0 \0"), TEXT("a  ")},
    {"NUL inside", EVG_STRING, BYTES("a\0\0\0b\0"), ANY},
    {"NUL at the end", EVG_STRING, BYTES("a\0b\0\0\0"), ANY},
    {"grows in UTF-8", EVG_STRING, BYTES("\xac\x20\xac\x20"), TEXT("\xe2\x82\xac\xe2\x82\xac")},
    {"ansi beyond ASCII", EVG_ANSI, BYTES("\xfc\x80"), TEXT("\xc3\xbc\xe2\x82\xac")},
    {"ansi with NUL", EVG_ANSI, BYTES("a\0b"), ANY},
    {"null with bytes", EVG_NULL, BYTES("\1\2\3\4"), TEXT("")},
    {"bool neither 0 nor 1", EVG_BOOL, BYTES("\7\0\0\0"), TEXT("true")},
    {"bool with a high byte only", EVG_BOOL, BYTES("\0\0\0\x80"), TEXT("true")},
    {"filetime 0", EVG_FILETIME, BYTES("\0\0\0\0\0\0\0\0"), TEXT("1601-01-01T00:00:00.000000Z")},
    {"filetime before 1970", EVG_FILETIME, BYTES("\x00\x00\xfe\xd4\xde\xb1\x9d\x01"),
     TEXT("1969-12-31T23:59:59.577292Z")},
    {"filetime beyond every year", EVG_FILETIME, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), ANY},
    {"filetime of 4 bytes", EVG_FILETIME, BYTES("\1\2\3\4"), ANY},
    {"systemtime of zeros", EVG_SYSTEMTIME, BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), ANY},
    {"systemtime of no calendar", EVG_SYSTEMTIME,
     BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), ANY},
    {"sizet of 4 bytes", EVG_SIZET, BYTES("\xef\xcd\xab\x00"), TEXT("0xabcdef")},
    {"sizet of 8 bytes", EVG_SIZET, BYTES("\1\0\0\0\0\0\0\x80"), TEXT("0x8000000000000001")},
    {"hex32 unpadded", EVG_HEX32, BYTES("\x3f\x00\x0f\x00"), TEXT("0xf003f")},
    {"hex64 of zero", EVG_HEX64, BYTES("\0\0\0\0\0\0\0\0"), TEXT("0x0")},
    {"u32 of 2 bytes", EVG_U32, BYTES("\1\2"), ANY},
    {"u32 of 6 bytes", EVG_U32, BYTES("\1\2\3\4\5\6"), ANY},
    {"i64 at its minimum", EVG_I64, BYTES("\0\0\0\0\0\0\0\x80"), TEXT("-9223372036854775808")},
    {"guid of 8 bytes", EVG_GUID, BYTES("\1\2\3\4\5\6\7\x08"), ANY},
    {"not a number", EVG_F64, BYTES("\0\0\0\0\0\0\xf8\x7f"), ANY},
    {"infinity", EVG_F32, BYTES("\0\0\x80\x7f"), ANY},
    {"undefined type", 0x16, BYTES("\1\2\3\4"), ANY},
    {"undefined high type", 0x7f, BYTES("\1\2\3\4"), ANY},
    {"event handle", 0x20, BYTES("\1\2\3\4\5\6\7\x08"), ANY},
    {"array of undefined type", 0x96, BYTES("\1\2\3\4"), ANY},
    {"array with a broken last item", EVG_U32 | EVG_ARRAY, BYTES("\1\0\0\0\2\0"), ANY},
    {"array of strings unterminated", EVG_STRING | EVG_ARRAY, BYTES("a\0\0\0b\0"), ANY},
    {"array of sids that overrun", EVG_SID | EVG_ARRAY, BYTES("\1\xff\0\0\0\0\0\5\1\0\0\0"), ANY},
    {"nested BinXML of zeros", EVG_XML, BYTES("\0\0\0\0"), ANY},
    {"nested BinXML cut short", EVG_XML, BYTES("\x0f\1\1\0\x0c\1\1"), ANY},
    {"nested element cut short", EVG_XML, BYTES("\x0f\1\1\0\1\xff\xff\0\0"), ANY},
    {NULL, 0, NULL, 0, NULL, 0},
};

static int
bomb_add(struct evg *g, uint64_t filetime, struct evg_xml xml, struct tcs_err *err)
{
    return evg_add(g, &(struct evg_record){.filetime = filetime, .xml = xml}, err);
}

/* 3000 open elements. */
static int
bomb_elements(struct evg *g, uint64_t filetime, struct tcs_err *err)
{
    enum { DEEP = 3000 };
    struct tcs_buf b = {0};
    for (int i = 0; i < DEEP; i++)
        tcs_buf_lit(&b, "<E>");
    for (int i = 0; i < DEEP; i++)
        tcs_buf_lit(&b, "</E>");
    char *text = evg_text(g, "%.*s", (int)b.n, b.p);
    tcs_base_buf_done(&b);
    return bomb_add(g, filetime, (struct evg_xml){.text = text}, err);
}

/* A template inside a value of a template inside a value ... */
static int
bomb_templates(struct evg *g, uint64_t filetime, struct tcs_err *err)
{
    enum { DEEP = 1000 };
    struct evg_xml x = {.text = "<End/>", .flags = EVG_DIRECT};
    for (int i = 0; i < DEEP; i++) {
        struct evg_value *v = evg_alloc(g, sizeof *v);
        if (!v)
            return tcs_base_fail(err, TCS_ENOMEM, "bomb");
        *v = evg_xml(g, x);
        x = (struct evg_xml){.text = "<T>{0:xml}</T>", .values = v, .n = 1};
    }
    return bomb_add(g, filetime, x, err);
}

/* As bomb_templates, each level repeated in the one above: 2^40 elements if taken literally. */
static int
bomb_doubling(struct evg *g, uint64_t filetime, struct tcs_err *err)
{
    enum { DEEP = 40 };
    struct evg_xml x = {.text = "<End/>", .flags = EVG_DIRECT};
    for (int i = 0; i < DEEP; i++) {
        struct evg_value *v = evg_alloc(g, sizeof *v);
        if (!v)
            return tcs_base_fail(err, TCS_ENOMEM, "bomb");
        *v = evg_xml(g, x);
        x = (struct evg_xml){.text = "<T>{0:xml}{0:xml}</T>", .values = v, .n = 1};
    }
    return bomb_add(g, filetime, x, err);
}

/* More values than any real record has. */
static int
bomb_values(struct evg *g, uint64_t filetime, struct tcs_err *err)
{
    enum { MANY = 9000 };
    struct evg_value *v = evg_alloc(g, MANY * sizeof *v);
    if (!v)
        return tcs_base_fail(err, TCS_ENOMEM, "bomb");
    for (int i = 0; i < MANY; i++)
        v[i] = evg_int(g, EVG_U8, (uint64_t)i & 0xff);
    struct evg_xml x = {.text = "<T>{0:u8}{8999:u8}</T>", .values = v, .n = MANY};
    return bomb_add(g, filetime, x, err);
}

/* An array whose items each repeat the element around it: 20,000 fields. */
static int
bomb_array(struct evg *g, uint64_t filetime, struct tcs_err *err)
{
    enum { MANY = 20000 };
    uint8_t *items = evg_alloc(g, MANY);
    struct evg_value *v = evg_alloc(g, sizeof *v);
    if (!items || !v)
        return tcs_base_fail(err, TCS_ENOMEM, "bomb");
    *v = evg_raw(g, EVG_U8 | EVG_ARRAY, items, MANY);
    struct evg_xml x = {.text = "<E><D Name='x'>{0:u8[]}</D></E>", .values = v, .n = 1};
    return bomb_add(g, filetime, x, err);
}

/* One value used by 2000 elements. */
static int
bomb_reuse(struct evg *g, uint64_t filetime, struct tcs_err *err)
{
    enum { MANY = 1500, LONG = 8000 };
    struct tcs_buf b = {0};
    char *big = evg_alloc(g, LONG + 1);
    struct evg_value *v = evg_alloc(g, sizeof *v);
    if (!big || !v)
        return tcs_base_fail(err, TCS_ENOMEM, "bomb");
    memset(big, 'x', LONG);
    *v = evg_str(g, big);
    tcs_buf_lit(&b, "<E>");
    for (int i = 0; i < MANY; i++)
        tcs_buf_lit(&b, "<D>{0:string}</D>");
    tcs_buf_lit(&b, "</E>");
    char *text = evg_text(g, "%.*s", (int)b.n, b.p);
    tcs_base_buf_done(&b);
    return bomb_add(g, filetime, (struct evg_xml){.text = text, .values = v, .n = 1}, err);
}

const struct evg_bomb evg_bombs[] = {
    {"elements", bomb_elements},
    {"templates", bomb_templates},
    {"doubling", bomb_doubling},
    {"values", bomb_values},
    {"array", bomb_array},
    {"reuse", bomb_reuse},
    {NULL, NULL},
};
