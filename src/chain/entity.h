/* chain/entity.h - hosts, accounts and addresses under one number each, whatever the logs call
 * them: NetBIOS and DNS names, DOMAIN\user, user@domain, SIDs, ::ffff: in front of IPv4.
 *
 * Names are taken as they come; which of them are the same is decided once all are known
 * (chain_entities_resolve), so that the result does not depend on their order.  Private to
 * src/chain. */
#pragma once
#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "chain/finding.h"

enum { CHAIN_NONE = 0 }; /* numbers begin with 1 */

struct chain_name {
    struct tcs_str key;   /* lower case; accounts: domain\user or the SID */
    struct tcs_str shown; /* of the spellings seen, the first in byte order */
    uint32_t canon;       /* which name it is the same as; itself before resolving */
    uint32_t alias;       /* a SID's account name; 0: not known */
    bool stop;            /* joins nothing on its own */
};

struct chain_names {
    struct tcs_arena *a; /* of all four */
    struct tcs_map map;
    struct chain_name *at; /* at[0] is not used */
    uint32_t n, cap;
    bool failed; /* out of memory, or TCS_CHAIN_NAMES_MAX */
};

enum { CHAIN_KEY_MAX = 2 * TCS_IDENTITY_TEXT_MAX + 2 };
struct chain_entities {
    struct chain_names hosts, accounts, addresses, texts; /* texts: files, channels, paths */
    uint32_t sid; /* that the record gave the account asked for last, which has a name too */
    /* Of one call: here, since on the stack they would be zeroed for each name. */
    char key[CHAIN_KEY_MAX], joined[CHAIN_KEY_MAX];
};

bool chain_entities_init(struct chain_entities *e); /* false: no memory */
void chain_entities_done(struct chain_entities *e);
bool chain_entities_failed(const struct chain_entities *e);

/* The number of a name as a log writes it; CHAIN_NONE for an empty one. */
uint32_t chain_host(struct chain_entities *e, struct tcs_str name);
uint32_t chain_account(struct chain_entities *e, struct tcs_str domain, struct tcs_str user,
                       struct tcs_str id);
/* The SID is the account's. */
void chain_alias(struct chain_entities *e, uint32_t sid, uint32_t account);
uint32_t chain_address(struct chain_entities *e, struct tcs_str ip);
uint32_t chain_text(struct chain_entities *e, struct tcs_str text); /* case kept */
/* Of an image (chain_image.c): a name as it was kept; CHAIN_NONE: there are too many. */
uint32_t chain_name_again(struct chain_names *n, struct tcs_str key, struct tcs_str shown,
                          bool stop);
/* Marks whatever has this name: it joins nothing on its own. */
void chain_stop(struct chain_entities *e, struct tcs_str name);

/* What all names take, in bytes. */
size_t chain_entities_bytes(const struct chain_entities *e);
/* Those names whose number in `used` is not 0, in the same order; the numbers become the new ones.
 * What SIDs are is not copied.  False: no memory. */
bool chain_names_copy(const struct chain_names *from, struct chain_names *to, uint32_t *used);

void chain_entities_resolve(struct chain_entities *e);

static inline uint32_t
chain_canon(const struct chain_names *n, uint32_t id)
{
    return n->at[id].canon;
}

static inline struct tcs_str
chain_shown(const struct chain_names *n, uint32_t id)
{
    return id ? n->at[n->at[id].canon].shown : (struct tcs_str){0};
}

/* SYSTEM, services, machine accounts, window managers: everywhere, so they join nothing. */
bool chain_is_system(struct tcs_str domain, struct tcs_str user, struct tcs_str id);
