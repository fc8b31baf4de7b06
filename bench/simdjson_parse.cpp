/* bench/simdjson_parse.cpp - only parses: FILE... of JSON lines, each line into simdjson's DOM,
 * nothing else.  The lower limit that a JSON hunt is held against; uses the library that tocsin
 * uses. Prints the number of documents; 1 if a file cannot be read. */
#include <cstdio>
#include <cstring>
#include <simdjson.h>

namespace
{
/* Parse every line of the text; returns how many are documents. */
size_t
parse_lines(simdjson::dom::parser &parser, const simdjson::padded_string &text)
{
    size_t count = 0;
    const char *p = text.data(), *end = p + text.size();
    while (p < end) {
        const void *nl = memchr(p, '\n', static_cast<size_t>(end - p));
        const char *stop = nl ? static_cast<const char *>(nl) : end;
        simdjson::dom::element doc;
        /* the bytes behind a line are the next line or the string's padding: no copy needed */
        if (!parser.parse(p, static_cast<size_t>(stop - p), false).get(doc))
            count++;
        p = stop + 1;
    }
    return count;
}
} // namespace

int
main(int argc, char **argv)
{
    simdjson::dom::parser parser;
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        simdjson::padded_string text;
        if (simdjson::padded_string::load(argv[i]).get(text)) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
        count += parse_lines(parser, text);
    }
    printf("%zu\n", count);
    return 0;
}
