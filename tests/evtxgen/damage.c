/* tests/evtxgen/damage.c - the table of damages: bytes of a good file in, bytes of a bad one out.
 *
 * Each function changes one thing and, where the format has a checksum over it, makes the checksum
 * right again, so that the decoder meets the damage itself and not a checksum error before it. */
#include "evtxgen/damage.h"

#include <stdlib.h>

/* Offsets in a record whose text is a template: header, fragment header, instance, definition. */
enum {
    R_SIZE = 4,
    R_ID = 8,
    R_FRAGMENT = 24,
    R_INSTANCE = 28,
    R_TEMPLATE_ID = 30,
    R_TEMPLATE_OFFSET = 34,
    R_DEFINITION = 38, /* inline: next, GUID, size; else the count of values */
    R_VALUE_COUNT = 38,
    R_DESCRIPTORS = 42,
    R_ROOT_ELEMENT = R_DEFINITION + 24 + 4,
    R_ROOT_NAME = R_ROOT_ELEMENT + 7,
};
/* Offsets in the chunk header. */
enum { C_LAST_ID = 32, C_LAST_RECORD = 44, C_FREE = 48, C_DATA_CRC = 52, C_FLAGS = 120 };
enum { C_HEADER_CRC = 124, C_STRINGS = 128, C_TEMPLATES = 384 };

uint64_t
evg_random(uint64_t *seed)
{
    uint64_t x = *seed ? *seed : 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *seed = x;
    return x * 0x2545f4914f6cdd1du;
}

static uint8_t *
at(const struct evg_image *im, size_t offset)
{
    return (uint8_t *)im->file->p + offset;
}

static void
set(uint8_t *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t
get(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t
chunk_count(const struct evg_image *im)
{
    return im->places[im->nplaces - 1].chunk + 1;
}

/* The chunk that a record lies in, also after bytes have moved. */
static uint8_t *
chunk_of(const struct evg_image *im, size_t record)
{
    size_t rel = im->places[record].offset - EVG_HEADER;
    return at(im, EVG_HEADER + rel / EVG_CHUNK * EVG_CHUNK);
}

static uint32_t
in_chunk(const struct evg_image *im, size_t record)
{
    return (uint32_t)((im->places[record].offset - EVG_HEADER) % EVG_CHUNK);
}

static void
seal_chunk(uint8_t *c)
{
    uint32_t end = get(c + C_FREE);
    if (end >= EVG_CHUNK_HEADER && end <= EVG_CHUNK)
        set(c + C_DATA_CRC, evg_crc32(0, c + EVG_CHUNK_HEADER, end - EVG_CHUNK_HEADER), 4);
    set(c + C_HEADER_CRC, evg_crc32(evg_crc32(0, c, 120), c + 128, EVG_CHUNK_HEADER - 128), 4);
}

static void
seal_file(const struct evg_image *im)
{
    set(at(im, 124), evg_crc32(0, at(im, 0), 120), 4);
}

/* A run of records. */
struct run {
    size_t from, to;
};

static struct run
records_of(const struct evg_image *im, uint32_t chunk)
{
    struct run r = {0, 0};
    while (im->places[r.from].chunk != chunk)
        r.from++;
    for (r.to = r.from; r.to < im->nplaces && im->places[r.to].chunk == chunk;)
        r.to++;
    return r;
}

static struct run
some_chunk(struct evg_image *im)
{
    return records_of(im, (uint32_t)(evg_random(&im->seed) % chunk_count(im)));
}

/* A record that no other record needs: neither first in its chunk nor a definer. */
static size_t
some_record(struct evg_image *im)
{
    size_t start = evg_random(&im->seed) % im->nplaces;
    for (size_t i = 0; i < im->nplaces; i++) {
        size_t k = (start + i) % im->nplaces;
        if (!im->places[k].defines)
            return k;
    }
    return im->nplaces - 1;
}

static void
doom(struct evg_image *im, struct run r, enum evg_fate fate)
{
    for (size_t i = r.from; i < r.to; i++)
        im->fate[i] = (uint8_t)fate;
}

static struct run
rest_of_chunk(const struct evg_image *im, size_t record)
{
    return (struct run){record, records_of(im, im->places[record].chunk).to};
}

bool
evg_image(struct evg *g, struct tcs_buf *file, uint64_t seed, struct evg_image *ret)
{
    struct evg_image im = {.file = file, .seed = seed};
    const struct evg_place *p = evg_places(g, &im.nplaces);
    if (!file || im.nplaces < 6 || p[im.nplaces - 1].chunk == 0)
        return false;
    im.places = calloc(im.nplaces, sizeof *im.places);
    im.fate = calloc(im.nplaces, 1);
    if (!im.places || !im.fate) {
        evg_image_done(&im);
        return false;
    }
    memcpy(im.places, p, im.nplaces * sizeof *p);
    *ret = im;
    return true;
}

void
evg_image_done(struct evg_image *im)
{
    free(im->places);
    free(im->fate);
    im->places = NULL;
    im->fate = NULL;
}

/* -- file header -- */

static void
dirty(struct evg_image *im)
{
    set(at(im, 120), 1, 4);
    for (uint32_t i = 0; i < chunk_count(im); i++)
        set(chunk_of(im, records_of(im, i).from) + C_FLAGS, 1, 4);
}

static void
chunk_count_low(struct evg_image *im)
{
    set(at(im, 16), 0, 8);
    set(at(im, 42), 1, 2);
    seal_file(im);
    im->report = EVG_SILENT;
}

static void
chunk_count_high(struct evg_image *im)
{
    set(at(im, 16), 4999, 8);
    set(at(im, 42), 5000, 2);
    seal_file(im);
}

static void
file_flags_unknown(struct evg_image *im)
{
    set(at(im, 120), 0x1b970000, 4);
    seal_file(im);
    im->report = EVG_SILENT;
}

static void
file_header_crc(struct evg_image *im)
{
    *at(im, 124) ^= 0x55;
}

/* -- chunks -- */

static void
chunk_zero_inserted(struct evg_image *im)
{
    struct run r = some_chunk(im);
    size_t where = (size_t)(chunk_of(im, r.from) - at(im, 0)), old = im->file->n;
    if (!tcs_base_buf_room(im->file, EVG_CHUNK))
        return;
    im->file->n += EVG_CHUNK;
    memmove(at(im, where + EVG_CHUNK), at(im, where), old - where);
    memset(at(im, where), 0, EVG_CHUNK);
    for (size_t i = r.from; i < im->nplaces; i++)
        im->places[i].offset += EVG_CHUNK;
}

static void
chunk_zeroed(struct evg_image *im)
{
    struct run r = some_chunk(im);
    memset(chunk_of(im, r.from), 0, EVG_CHUNK);
    doom(im, r, EVG_LOST);
}

static void
chunk_magic(struct evg_image *im)
{
    struct run r = some_chunk(im);
    memcpy(chunk_of(im, r.from), "ElfChnX", 8);
    doom(im, r, EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
chunk_header_zeroed(struct evg_image *im)
{
    struct run r = some_chunk(im);
    memset(chunk_of(im, r.from), 0, EVG_CHUNK_HEADER);
    doom(im, r, EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
chunk_header_crc(struct evg_image *im)
{
    chunk_of(im, some_chunk(im).from)[C_HEADER_CRC] ^= 0x55;
    im->report = EVG_REPORTS;
}

static void
chunk_data_crc(struct evg_image *im)
{
    uint8_t *c = chunk_of(im, some_chunk(im).from);
    c[C_DATA_CRC] ^= 0x55;
    set(c + C_HEADER_CRC, evg_crc32(evg_crc32(0, c, 120), c + 128, EVG_CHUNK_HEADER - 128), 4);
    im->report = EVG_REPORTS;
}

static void
crc_off(struct evg_image *im)
{
    set(at(im, 120), 4, 4);
    set(at(im, 124), 0, 4);
    for (uint32_t i = 0; i < chunk_count(im); i++) {
        uint8_t *c = chunk_of(im, records_of(im, i).from);
        set(c + C_FLAGS, 5, 4);
        set(c + C_DATA_CRC, 0, 4);
        set(c + C_HEADER_CRC, 0, 4);
    }
    im->report = EVG_SILENT;
}

static void
free_space_high(struct evg_image *im)
{
    uint8_t *c = chunk_of(im, some_chunk(im).from);
    set(c + C_FREE, 0x20000, 4);
    set(c + C_LAST_RECORD, 0x1fff0, 4);
    seal_chunk(c);
}

static void
last_id_high(struct evg_image *im)
{
    uint8_t *c = chunk_of(im, some_chunk(im).from);
    set(c + C_LAST_ID, 1u << 30, 8);
    seal_chunk(c);
}

static void
truncated(struct evg_image *im)
{
    struct run r = records_of(im, chunk_count(im) - 1);
    size_t cut = r.from + 1 + evg_random(&im->seed) % (r.to - r.from - 1);
    im->file->n = im->places[cut].offset + im->places[cut].size / 2;
    doom(im, (struct run){cut, r.to}, EVG_LOST);
    im->report = EVG_REPORTS;
}

static void
truncated_in_header(struct evg_image *im)
{
    struct run r = records_of(im, chunk_count(im) - 1);
    im->file->n = (size_t)(chunk_of(im, r.from) - at(im, 0)) + 100;
    doom(im, r, EVG_LOST);
    im->report = EVG_REPORTS;
}

/* -- record framing -- */

static void
size_set(struct evg_image *im, uint32_t size)
{
    size_t k = some_record(im);
    set(at(im, im->places[k].offset + R_SIZE), size, 4);
    seal_chunk(chunk_of(im, k));
    doom(im, rest_of_chunk(im, k), EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
size_zero(struct evg_image *im)
{
    size_set(im, 0);
}

static void
size_tiny(struct evg_image *im)
{
    size_set(im, 1 + (uint32_t)(evg_random(&im->seed) % 27));
}

static void
size_huge(struct evg_image *im)
{
    size_set(im, 3099113656u);
}

static void
size_wraps(struct evg_image *im)
{
    size_set(im, 0xffffffffu - (uint32_t)(evg_random(&im->seed) % 64));
}

static void
size_past_chunk(struct evg_image *im)
{
    size_set(im, EVG_CHUNK - EVG_CHUNK_HEADER + 1);
}

static void
size_copy(struct evg_image *im)
{
    size_t k = some_record(im);
    *at(im, im->places[k].offset + im->places[k].size - 4) ^= 0x55;
    seal_chunk(chunk_of(im, k));
}

static void
torn(struct evg_image *im)
{
    size_t k = some_record(im);
    uint32_t half = im->places[k].size / 2;
    memset(at(im, im->places[k].offset + half), 0, im->places[k].size - half);
    seal_chunk(chunk_of(im, k));
    doom(im, (struct run){k, k + 1}, EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
record_magic(struct evg_image *im)
{
    size_t k = some_record(im);
    *at(im, im->places[k].offset) = '+';
    seal_chunk(chunk_of(im, k));
    doom(im, rest_of_chunk(im, k), EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
ids_equal(struct evg_image *im)
{
    struct run r = some_chunk(im);
    for (size_t i = r.from; i < r.to; i++)
        set(at(im, im->places[i].offset + R_ID), 7, 8);
    seal_chunk(chunk_of(im, r.from));
    im->report = EVG_SILENT;
}

static void
ids_backwards(struct evg_image *im)
{
    struct run r = some_chunk(im);
    for (size_t i = r.from; i < r.to; i++)
        set(at(im, im->places[i].offset + R_ID), 1000000 - i, 8);
    seal_chunk(chunk_of(im, r.from));
    im->report = EVG_SILENT;
}

/* -- slack -- */

/* The live part ends before record k: header fields and checksums as if the rest had never been. */
static void
end_before(struct evg_image *im, size_t k)
{
    uint8_t *c = chunk_of(im, k);
    set(c + C_FREE, in_chunk(im, k), 4);
    set(c + C_LAST_RECORD, in_chunk(im, k - 1), 4);
    set(c + C_LAST_ID, im->places[k - 1].id, 8);
    seal_chunk(c);
    doom(im, rest_of_chunk(im, k), EVG_SLACK);
}

/* Records of the chunk's earlier use: their ids are old. */
static void
slack(struct evg_image *im)
{
    struct run r = some_chunk(im);
    size_t k = r.from + 1 + evg_random(&im->seed) % (r.to - r.from - 1);
    for (size_t i = k; i < r.to; i++)
        set(at(im, im->places[i].offset + R_ID), im->places[i].id - 100000, 8);
    end_before(im, k);
    im->report = EVG_SILENT;
}

/* Records whose ids go on where the live ones end: the log was open, its header not yet updated. */
static void
appended(struct evg_image *im)
{
    struct run r = some_chunk(im);
    size_t k = r.from + 1 + evg_random(&im->seed) % (r.to - r.from - 1);
    end_before(im, k);
    set(chunk_of(im, k) + C_FLAGS, 1, 4); /* dirty */
    seal_chunk(chunk_of(im, k));
    doom(im, (struct run){k, r.to}, EVG_KEPT);
    im->report = EVG_SILENT;
}

/* Slack whose templates were overwritten with the live part. */
static void
slack_without_template(struct evg_image *im)
{
    struct run r = some_chunk(im);
    end_before(im, r.from + 1);
    memset(at(im, im->places[r.from].offset + R_FRAGMENT), 0xee,
           im->places[r.from].size - R_FRAGMENT - 4);
    seal_chunk(chunk_of(im, r.from));
    doom(im, r, EVG_EITHER);
}

/* -- tables -- */

/* Makes rings of the chains that start in n table entries: A -> B -> A, or A -> A. */
static void
close_chains(uint8_t *c, size_t table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t head = get(c + table + 4 * i), last = head;
        for (int steps = 0; steps < 1000 && last && last <= EVG_CHUNK - 4; steps++) {
            uint32_t next = get(c + last);
            if (next == 0)
                set(c + last, head, 4);
            last = next;
        }
    }
    seal_chunk(c);
}

static void
string_chain_loops(struct evg_image *im)
{
    close_chains(chunk_of(im, some_chunk(im).from), C_STRINGS, 64);
}

static void
string_table_outside(struct evg_image *im)
{
    uint8_t *c = chunk_of(im, some_chunk(im).from);
    for (size_t i = 0; i < 64; i++)
        set(c + C_STRINGS + 4 * i, i % 2 ? 0xfffffff0u : EVG_CHUNK - 1, 4);
    seal_chunk(c);
}

static void
template_chain_loops(struct evg_image *im)
{
    close_chains(chunk_of(im, some_chunk(im).from), C_TEMPLATES, 32);
}

static void
template_table_outside(struct evg_image *im)
{
    uint8_t *c = chunk_of(im, some_chunk(im).from);
    for (size_t i = 0; i < 32; i++)
        set(c + C_TEMPLATES + 4 * i, i % 2 ? 0xffffff00u : EVG_CHUNK - 2, 4);
    seal_chunk(c);
}

/* -- BinXML -- */

/* Changes `n` bytes of one record that refers to its template. */
static void
record_set(struct evg_image *im, size_t where, uint64_t v, size_t n)
{
    size_t k = some_record(im);
    set(at(im, im->places[k].offset + where), v, n);
    seal_chunk(chunk_of(im, k));
    doom(im, (struct run){k, k + 1}, EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
template_outside(struct evg_image *im)
{
    record_set(im, R_TEMPLATE_OFFSET, evg_random(&im->seed) % 2 ? 0xfffffff0u : EVG_CHUNK - 3, 4);
}

static void
template_at_zeros(struct evg_image *im)
{
    record_set(im, R_TEMPLATE_OFFSET, 132, 4); /* inside the string table: garbage */
}

static void
template_at_value(struct evg_image *im)
{
    size_t k = some_record(im);
    set(at(im, im->places[k].offset + R_TEMPLATE_OFFSET), in_chunk(im, k) + R_DESCRIPTORS, 4);
    seal_chunk(chunk_of(im, k));
    doom(im, (struct run){k, k + 1}, EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
token_undefined(struct evg_image *im)
{
    record_set(im, R_INSTANCE, 0x3f, 1);
}

static void
value_type_undefined(struct evg_image *im)
{
    record_set(im, R_DESCRIPTORS + 2, 0x77, 1);
}

static void
value_overruns(struct evg_image *im)
{
    record_set(im, R_DESCRIPTORS, 0xffff, 2);
}

static void
value_count_huge(struct evg_image *im)
{
    record_set(im, R_VALUE_COUNT, evg_random(&im->seed) % 2 ? 0xffffffffu : 0x40000001u, 4);
}

/* Damage in the definition that a chunk's first record holds hits all that refer to it. */
static void
definition_set(struct evg_image *im, size_t where, const void *p, size_t n)
{
    struct run r = some_chunk(im);
    memcpy(at(im, im->places[r.from].offset + where), p, n);
    seal_chunk(chunk_of(im, r.from));
    doom(im, r, EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
name_outside(struct evg_image *im)
{
    definition_set(im, R_ROOT_NAME, "\xff\xff\xff\xff", 4);
}

static void
name_at_chunk_end(struct evg_image *im)
{
    definition_set(im, R_ROOT_NAME, "\xf6\xff\0", 4);
}

static void
element_token_undefined(struct evg_image *im)
{
    definition_set(im, R_ROOT_ELEMENT, "\x39", 1);
}

static void
definition_overruns(struct evg_image *im)
{
    definition_set(im, R_DEFINITION + 20, "\xf0\xff\xff\xff", 4);
}

/* The definition's content is an instance of the definition. */
static void
template_in_itself(struct evg_image *im)
{
    struct run r = some_chunk(im);
    uint8_t *p = at(im, im->places[r.from].offset);
    memmove(p + R_ROOT_ELEMENT, p + R_INSTANCE, R_DEFINITION - R_INSTANCE);
    memset(p + R_ROOT_ELEMENT + R_DEFINITION - R_INSTANCE, 0, 8); /* no values, end */
    seal_chunk(chunk_of(im, r.from));
    doom(im, r, EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
definition_torn(struct evg_image *im)
{
    struct run r = some_chunk(im);
    memset(at(im, im->places[r.from].offset + R_ROOT_ELEMENT + 60), 0, 200);
    seal_chunk(chunk_of(im, r.from));
    doom(im, r, EVG_EITHER);
    im->report = EVG_REPORTS;
}

static void
random_bytes(struct evg_image *im)
{
    struct run r = some_chunk(im);
    uint8_t *c = chunk_of(im, r.from);
    for (int i = 0; i < 200; i++)
        c[evg_random(&im->seed) % EVG_CHUNK] = (uint8_t)evg_random(&im->seed);
    doom(im, r, EVG_EITHER);
}

const struct evg_damage evg_damages[] = {
    {"none", "the file as it was written", NULL},
    {"dirty", "dirty flags set, header checksums stale, as in a log still open", dirty},
    {"chunk-count-low", "the header counts one chunk", chunk_count_low},
    {"chunk-count-high", "the header counts 5000 chunks", chunk_count_high},
    {"file-flags-unknown", "undefined bits in the header's flags", file_flags_unknown},
    {"file-header-crc", "wrong checksum of the file header", file_header_crc},
    {"chunk-zero-inserted", "an unused chunk before used ones", chunk_zero_inserted},
    {"chunk-zeroed", "a chunk overwritten with zeros", chunk_zeroed},
    {"chunk-magic", "wrong signature of a chunk", chunk_magic},
    {"chunk-header-zeroed", "no chunk header, records behind it", chunk_header_zeroed},
    {"chunk-header-crc", "wrong checksum of a chunk header", chunk_header_crc},
    {"chunk-data-crc", "wrong checksum of a chunk's records", chunk_data_crc},
    {"crc-off", "checksums disabled by flag and zero", crc_off},
    {"free-space-high", "free space starts behind the chunk", free_space_high},
    {"last-id-high", "last record id too large", last_id_high},
    {"truncated", "the file ends in a record", truncated},
    {"truncated-in-header", "the file ends in a chunk header", truncated_in_header},
    {"size-zero", "record size 0", size_zero},
    {"size-tiny", "record size below the minimum", size_tiny},
    {"size-huge", "record size of 3 GB", size_huge},
    {"size-wraps", "record size near 2^32", size_wraps},
    {"size-past-chunk", "record ends behind the chunk", size_past_chunk},
    {"size-copy", "trailing copy of the size differs", size_copy},
    {"torn", "second half of a record is zero", torn},
    {"record-magic", "wrong signature of a record", record_magic},
    {"ids-equal", "all record ids of a chunk equal", ids_equal},
    {"ids-backwards", "record ids descend", ids_backwards},
    {"slack", "records behind the free space offset", slack},
    {"appended", "records behind the free space offset that continue the live ones", appended},
    {"slack-without-template", "slack records whose template is gone", slack_without_template},
    {"string-chain-loops", "string table chains that are rings", string_chain_loops},
    {"string-table-outside", "string table points behind the chunk", string_table_outside},
    {"template-chain-loops", "template table chains that are rings", template_chain_loops},
    {"template-table-outside", "template table points behind the chunk", template_table_outside},
    {"template-outside", "instance of a template behind the chunk", template_outside},
    {"template-at-zeros", "instance of a template that is none", template_at_zeros},
    {"template-at-value", "instance of a template inside its own values", template_at_value},
    {"token-undefined", "undefined token instead of an instance", token_undefined},
    {"value-type-undefined", "undefined type of a value", value_type_undefined},
    {"value-overruns", "a value longer than its record", value_overruns},
    {"value-count-huge", "more values than bytes", value_count_huge},
    {"name-outside", "an element's name behind the chunk", name_outside},
    {"name-at-chunk-end", "an element's name across the chunk's end", name_at_chunk_end},
    {"element-token-undefined", "undefined token in a definition", element_token_undefined},
    {"definition-overruns", "a definition longer than the chunk", definition_overruns},
    {"template-in-itself", "a definition that instantiates itself", template_in_itself},
    {"definition-torn", "a definition with a hole of zeros", definition_torn},
    {"random-bytes", "200 random bytes in a chunk", random_bytes},
    {NULL, NULL, NULL},
};
