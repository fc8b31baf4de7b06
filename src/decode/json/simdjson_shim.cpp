/* decode/json/simdjson_shim.cpp - simdjson behind C: no exception and no C++ type leaves this file.
 */
#include "decode/json/simdjson_shim.h"

#include "input/format.h"

#include <new>
#include <simdjson.h>

/* What the callers and the walk in the header rely on. */
using simdjson::internal::tape_type;
static_assert(simdjson::SIMDJSON_PADDING <= TCS_BLOCK_PADDING, "blocks are padded too little");
static_assert(static_cast<char>(tape_type::START_OBJECT) == '{' &&
                  static_cast<char>(tape_type::START_ARRAY) == '[' &&
                  static_cast<char>(tape_type::STRING) == '"' &&
                  static_cast<char>(tape_type::INT64) == 'l' &&
                  static_cast<char>(tape_type::UINT64) == 'u' &&
                  static_cast<char>(tape_type::DOUBLE) == 'd' &&
                  static_cast<char>(tape_type::TRUE_VALUE) == 't' &&
                  static_cast<char>(tape_type::FALSE_VALUE) == 'f' &&
                  static_cast<char>(tape_type::NULL_VALUE) == 'n',
              "the tape's letters have changed");
static_assert(simdjson::internal::JSON_VALUE_MASK == 0x00FFFFFFFFFFFFFF,
              "the tape's payload has changed");

struct tcs_simdjson {
    simdjson::dom::parser parser;
};

extern "C" struct tcs_simdjson *
tcs_decode_simdjson_new(size_t capacity, size_t depth)
{
    tcs_simdjson *sj = new (std::nothrow) tcs_simdjson;
    if (sj && sj->parser.allocate(capacity, depth) != simdjson::SUCCESS) {
        delete sj;
        sj = nullptr;
    }
    return sj;
}

extern "C" void
tcs_decode_simdjson_free(struct tcs_simdjson *sj)
{
    delete sj;
}

static enum tcs_simdjson_result
failed(simdjson::error_code e, struct tcs_simdjson_doc *ret)
{
    /* error_message may build a string for unknown codes; the known ones are static */
    ret->why = simdjson::error_message(e);
    switch (e) {
    case simdjson::UTF8_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::NUMBER_ERROR:
    case simdjson::STRING_ERROR:
        return TCS_SJ_REPAIRABLE;
    case simdjson::DEPTH_ERROR:
        return TCS_SJ_DEPTH;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY:
        return TCS_SJ_NOMEM;
    default:
        return TCS_SJ_SYNTAX;
    }
}

extern "C" enum tcs_simdjson_result
tcs_decode_simdjson_parse(struct tcs_simdjson *sj, const uint8_t *p, size_t n,
                          struct tcs_simdjson_doc *ret)
{
    auto result = sj->parser.parse(p, n, false);
    if (result.error() != simdjson::SUCCESS)
        return failed(result.error(), ret);
    ret->tape = sj->parser.doc.tape.get();
    ret->strings = reinterpret_cast<const char *>(sj->parser.doc.string_buf.get());
    ret->why = nullptr;
    return TCS_SJ_OK;
}

extern "C" size_t
tcs_decode_simdjson_minify(const uint8_t *p, size_t n, char *out)
{
    size_t len = 0;
    if (simdjson::minify(reinterpret_cast<const char *>(p), n, out, len) != simdjson::SUCCESS)
        return 0;
    return len;
}
