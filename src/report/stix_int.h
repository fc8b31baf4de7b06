/* report/stix_int.h - one STIX bundle being written: each object once, its id from what it is. */
#pragma once
#include "base/json_out.h"
#include "report/report_int.h"
#include "stix/id.h"

struct rp_stix_id {
    char text[TCS_STIX_ID];
};

struct rp_stix {
    struct tcs_jo j;
    struct tcs_arena *a;
    const struct tcs_incident *in;
    struct rp_stix_id *ids; /* written, but for the marking and its like */
    uint32_t nids, cap;
    struct rp_stix_id author;
};

/* What an id is made of; a byte that names cannot hold stands between the parts. */
struct rp_stix_id report_stix_id(const char *type, const struct tcs_str *parts, size_t n);
/* Opens an object with what all objects of its kind have; false: that id was written before. */
bool report_stix_open(struct rp_stix *s, const char *type, struct rp_stix_id id, int64_t created,
                      int64_t modified);
void report_stix_close(struct rp_stix *s);
void report_stix_refs(struct rp_stix *s, const char *key, const struct rp_stix_id *ids, uint32_t n);
void report_stix_time(struct rp_stix *s, const char *key, int64_t t);
void report_stix_author(struct rp_stix *s);

/* Each writes the object unless it is there, and gives its id; false: the text gives none. */
bool report_stix_address(struct rp_stix *s, struct tcs_str name, struct rp_stix_id *ret);
bool report_stix_account(struct rp_stix *s, struct tcs_str name, struct rp_stix_id *ret);
bool report_stix_host(struct rp_stix *s, struct tcs_str name, struct rp_stix_id *ret);
bool report_stix_technique(struct rp_stix *s, struct tcs_str technique, struct rp_stix_id *ret);
