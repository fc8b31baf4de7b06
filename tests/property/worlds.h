/* tests/property/worlds.h - worlds made up from a seed, with all that a chain is fed: hosts,
 * accounts, sessions, processes, addresses, findings, alerts, each name in several spellings. */
#pragma once
#include "unit/chain/chain_make.h"

enum { RULES = 16, FED_MAX = 600 };

extern uint64_t seed;
uint32_t below(uint32_t n);

/* Everything that can be fed, as one thing. */
struct fed {
    enum { OBSERVE, DETECT, HEARD, KNOWN } what;
    struct tcs_observation o;
    struct tcs_finding d; /* signature: index into the rules */
};

extern struct fed fed[FED_MAX];
extern uint32_t nfed;
extern uint32_t spellings; /* of each name, at most 3 */
extern uint64_t left_out;  /* findings, of all chains that were concluded */
void make_world(void);

struct made_rule {
    const char *id;
    uint8_t level, stage;
    const char *technique;
};
extern const struct made_rule made_rules[RULES];
/* Their numbers in the chain, which takes them from the one of that number on. */
void add_rules(struct tcs_chain *c, uint32_t numbers[RULES], uint32_t from);
void feed(struct tcs_chain *c, const struct fed *f, const uint32_t *rules);
/* Ends the chain; its incidents as JSON. */
void conclude(struct tcs_chain *c, struct tcs_buf *b);
void shuffle(uint32_t *order, uint32_t n);
void same(struct tcs_buf want, struct tcs_buf got, uint32_t world, const char *what);
