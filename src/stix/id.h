/* stix/id.h - identifiers of STIX objects that are the same whenever the same thing is written. */
#pragma once
#include "base/str.h"

enum { TCS_STIX_ID = 96 };

/* "TYPE--UUID", NUL-terminated: the UUID is version 5 (RFC 4122 §4.3) of "TYPE:name" in tocsin's
 * own namespace, TCS_STIX_NAMESPACE.  `type` has at most 32 characters. */
void tcs_stix_id(char out[TCS_STIX_ID], const char *type, struct tcs_str name);

/* The id of an observable, which everybody must get alike (STIX 2.1 §2.9): of its contributing
 * properties as RFC 8785 writes them, such as {"value":"198.51.100.3"}. */
void tcs_stix_observable_id(char out[TCS_STIX_ID], const char *type, struct tcs_str properties);

#define TCS_STIX_NAMESPACE "b4e598a1-81a6-48a7-bf5f-c83ca04223a1"
#define TCS_STIX_OBSERVABLES "00abedb4-aa42-466c-9c01-fed23315a9b7"
