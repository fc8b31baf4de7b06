/* match/ip.c - addresses.  Parsing is the C library's; here are the mapped form and the zone. */
#include "match/ip.h"

#include <arpa/inet.h>

bool
tcs_match_ip_parse(struct tcs_str s, uint8_t ret[16])
{
    char z[INET6_ADDRSTRLEN];
    bool six = tcs_base_str_find(s, ':', 0) < s.n;
    if (six)
        s.n = tcs_base_str_find(s, '%', 0);
    if (s.n == 0 || s.n >= sizeof z || memchr(s.p, '\0', s.n))
        return false;
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    if (six)
        return inet_pton(AF_INET6, z, ret) == 1;
    memset(ret, 0, 10);
    ret[10] = ret[11] = 0xff;
    return inet_pton(AF_INET, z, ret + 12) == 1;
}

bool
tcs_match_ip_in(const uint8_t addr[16], const uint8_t net[16], unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (bits > 128 || memcmp(addr, net, whole) != 0)
        return false;
    return rest == 0 || ((addr[whole] ^ net[whole]) >> (8 - rest)) == 0;
}
