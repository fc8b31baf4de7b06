/* tests/unit/store/made.h - incidents, detections and observations from random numbers: every
 * member filled, every list, texts of any bytes. */
#pragma once
#include "base/arena.h"
#include "chain/incident.h"

uint64_t made_random(uint64_t *seed); /* xorshift64*; not 0 */
uint32_t made_below(uint64_t *seed, uint32_t n);
struct tcs_str made_text(uint64_t *seed, struct tcs_arena *a);
struct tcs_incident made_incident(uint64_t *seed, struct tcs_arena *a);
struct tcs_finding made_detection(uint64_t *seed, struct tcs_arena *a);
struct tcs_observation made_observation(uint64_t *seed, struct tcs_arena *a);
struct tcs_signature made_signature(uint64_t *seed, struct tcs_arena *a);
/* NULL: equal; else the member that differs. */
const char *made_differs(const struct tcs_incident *a, const struct tcs_incident *b);
