/* match/ip.h - addresses in text, and whether they lie in a network. */
#pragma once
#include "base/str.h"

#include <stdint.h>

/* IPv4 or IPv6 in the forms of inet_pton, an IPv6 zone (`%eth0`) ignored, to 16 bytes; IPv4
 * becomes ::ffff:a.b.c.d.  False if it is no address. */
bool tcs_match_ip_parse(struct tcs_str s, uint8_t ret[16]);
/* Do the first `bits` bits (0..128) agree? */
bool tcs_match_ip_in(const uint8_t addr[16], const uint8_t net[16], unsigned bits);
