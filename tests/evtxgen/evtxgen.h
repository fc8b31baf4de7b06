/* tests/evtxgen/evtxgen.h - writes EVTX files, the counterpart of the decoder in src/input.
 *
 * For tests, fuzz seeds and the bundled case only; links base and nothing else, so that it shares
 * no code (and no mistake) with the decoder.
 *
 * A record is XML text whose placeholders stand for typed values:
 *
 *   struct evg_value v[] = {evg_str(g, "alice"), evg_u32(g, 3)};
 *   evg_add(g, &(struct evg_record){.xml = {"<Event><A B='{0:string}'>{1?u32}</A></Event>", v, 2}},
 *           &err);
 *
 * {N:TYPE} is a normal substitution (token 0x0d), {N?TYPE} an optional one (0x0e), {{ a brace.
 * TYPE is a name of evg_types, "[]" behind it an array.  Entity and character references, CDATA
 * sections and processing instructions of the text become their tokens.  White space between tags
 * is dropped.  Text becomes a template, defined inline where a chunk first uses it, referred to
 * afterwards; with EVG_DIRECT it becomes tokens without a template.  A value of type XML holds
 * such a text again.
 *
 * Everything belongs to the writer and dies with it.  One thread at a time. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

enum {
    EVG_HEADER = 4096,
    EVG_CHUNK = 65536,
    EVG_CHUNK_HEADER = 512,
    EVG_DEPTH_MAX = 4000, /* elements and nested templates: room for recursion bombs */
};

/* Value types ([MS-EVEN6] 2.2.12); an array has EVG_ARRAY added. */
enum {
    EVG_NULL,
    EVG_STRING,
    EVG_ANSI,
    EVG_I8,
    EVG_U8,
    EVG_I16,
    EVG_U16,
    EVG_I32,
    EVG_U32,
    EVG_I64,
    EVG_U64,
    EVG_F32,
    EVG_F64,
    EVG_BOOL,
    EVG_BINARY,
    EVG_GUID,
    EVG_SIZET,
    EVG_FILETIME,
    EVG_SYSTEMTIME,
    EVG_SID,
    EVG_HEX32,
    EVG_HEX64,
    EVG_XML = 0x21,
    EVG_ARRAY = 0x80,
};

struct evg; /* a writer */

struct evg_value {
    uint8_t type;
    uint32_t n;    /* bytes at p; XML: 0, or p is raw bytes all the same */
    const void *p; /* as stored in the record; XML with n == 0: a struct evg_xml */
};

enum { EVG_DIRECT = 1, EVG_NO_FRAGMENT = 2 }; /* evg_xml.flags */

struct evg_xml {
    const char *text;
    const struct evg_value *values;
    uint32_t n;
    unsigned flags;
};

struct evg_record {
    uint64_t id;       /* 0: the one after the last */
    uint64_t filetime; /* in the record's header */
    struct evg_xml xml;
};

/* Where a record ended up. */
struct evg_place {
    size_t offset; /* of its first byte in the file */
    uint32_t size, chunk;
    uint64_t id;
    bool defines; /* holds names or templates that later records of the chunk may refer to */
};

struct evg *evg_new(void); /* NULL: no memory */
void evg_free(struct evg *g);
/* Append a record; opens a new chunk when it does not fit in this one.  -TCS_EPARSE: the text is
 * no such XML; -TCS_ELIMIT: too large for any chunk; the writer is as before then. */
int evg_add(struct evg *g, const struct evg_record *r, struct tcs_err *err);
/* End the chunk here: the next record starts a new one. */
void evg_chunk(struct evg *g);
void evg_next_id(struct evg *g, uint64_t id); /* what record ids go on with; starts as 1 */
/* Close the file and return its bytes (writable: damage.h), valid until evg_free.  Call once.
 * {NULL,0}: no memory. */
struct tcs_buf *evg_finish(struct evg *g);
const struct evg_place *evg_places(const struct evg *g, size_t *n);

/* Memory that lives as long as the writer; NULL when there is none. */
void *evg_alloc(struct evg *g, size_t n);
char *evg_text(struct evg *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Values.  Those that take text stop the program on text that is malformed: that is a mistake in
 * the test, not in its data. */
struct evg_value evg_raw(struct evg *g, unsigned type, const void *p, size_t n);
struct evg_value evg_null(void);
struct evg_value evg_str(struct evg *g, const char *utf8); /* without a terminating NUL */
struct evg_value evg_strn(struct evg *g, struct tcs_str utf8);
struct evg_value evg_ansi(struct evg *g, const char *bytes);
struct evg_value evg_int(struct evg *g, unsigned type, uint64_t v); /* any of the number types */
struct evg_value evg_u32(struct evg *g, uint32_t v);
struct evg_value evg_f32(struct evg *g, float v);
struct evg_value evg_f64(struct evg *g, double v);
struct evg_value evg_guid(struct evg *g, const char *text); /* with or without braces */
struct evg_value evg_sid(struct evg *g, const char *text);  /* "S-1-5-18" */
struct evg_value evg_filetime(struct evg *g, uint64_t ft);
struct evg_value evg_systemtime(struct evg *g, const uint16_t part[8]);
struct evg_value evg_xml(struct evg *g, struct evg_xml xml); /* copies the struct, not its parts */
/* An array of `n` values of one type: strings get their terminating NUL, the rest is packed. */
struct evg_value evg_array(struct evg *g, const struct evg_value *v, size_t n);
/* The value of `type` that `text` describes, as case files write it; false if it is malformed. */
bool evg_parse(struct evg *g, unsigned type, struct tcs_str text, struct evg_value *ret);
/* "u32" or "sid[]" to the type; -1 if there is none of that name. */
int evg_type(struct tcs_str name);

/* A Windows event as its services write it: System in one template, with the data in a template of
 * its own inside (0x21). */
struct evg_field {
    const char *name; /* NULL: <Data> without Name */
    struct evg_value value;
};

struct evg_event {
    uint64_t record_id, filetime;         /* 0: next */
    const char *provider, *guid, *source; /* guid, source (EventSourceName): NULL for none */
    const char *channel, *computer, *user, *activity; /* user (SID), activity (GUID): NULL: none */
    uint16_t event_id, task;
    int32_t qualifiers; /* -1: none */
    uint8_t version, level, opcode;
    uint64_t keywords;
    uint32_t pid, tid;
    const struct evg_field *fields;
    uint32_t nfields;
    const char *userdata; /* NULL: EventData; else UserData with this element around the fields */
};
int evg_add_event(struct evg *g, const struct evg_event *ev, struct tcs_err *err);

uint32_t evg_crc32(uint32_t crc, const void *p, size_t n); /* start with 0 */
