/* stix/id.c - UUIDs of version 5 for what tocsin itself writes.
 *
 * SHA-1 is what the RFC says; it guards nothing here.  Objects of others keep their ids. */
#include "stix/id.h"

#include "base/buf.h"

#include <stdio.h>
#include <uuid/uuid.h>

void
tcs_stix_id(char out[TCS_STIX_ID], const char *type, struct tcs_str name)
{
    struct tcs_buf b = {0};
    uuid_t space, id;
    char text[UUID_STR_LEN];
    tcs_buf_printf(&b, "%s:", type);
    tcs_buf_str(&b, name);
    uuid_parse(TCS_STIX_NAMESPACE, space);
    uuid_generate_sha1(id, space, b.p ? b.p : "", b.n);
    uuid_unparse_lower(id, text);
    snprintf(out, TCS_STIX_ID, "%.32s--%s", type, text);
    tcs_buf_done(&b);
}
