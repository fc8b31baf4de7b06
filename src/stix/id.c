/* stix/id.c - UUIDs of version 5 for what tocsin itself writes.
 *
 * SHA-1 is what the RFC says; it guards nothing here.  Objects of others keep their ids. */
#include "stix/id.h"

#include "base/buf.h"

#include <stdio.h>
#include <uuid/uuid.h>

static void
make(char out[TCS_STIX_ID], const char *namespace, const char *type, struct tcs_str name)
{
    uuid_t space, id;
    char text[UUID_STR_LEN];
    uuid_parse(namespace, space);
    uuid_generate_sha1(id, space, name.p ? name.p : "", name.n);
    uuid_unparse_lower(id, text);
    snprintf(out, TCS_STIX_ID, "%.32s--%s", type, text);
}

void
tcs_stix_id(char out[TCS_STIX_ID], const char *type, struct tcs_str name)
{
    struct tcs_buf b = {0};
    tcs_base_buf_printf(&b, "%s:", type);
    tcs_base_buf_str(&b, name);
    make(out, TCS_STIX_NAMESPACE, type, tcs_base_buf_view(&b));
    tcs_base_buf_done(&b);
}

void
tcs_stix_observable_id(char out[TCS_STIX_ID], const char *type, struct tcs_str properties)
{
    make(out, TCS_STIX_OBSERVABLES, type, properties);
}
