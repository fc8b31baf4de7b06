/* chain/parties.h - who and where an event speaks of, and whether it tells identity: event in,
 * struct tcs_parties or struct tcs_observation out.
 *
 * The names of fields that are read are one table (parties.c), by slot, so that looking at an event
 * costs one step a field.  What kind of record an event is, is another (observe.c). */
#pragma once
#include "base/arena.h"
#include "chain/detection.h"
#include "event/event.h"

/* The field names that are read, by number: to be in the fieldset that decoders fill slots from.
 * Empty beyond the last. */
struct tcs_str tcs_parties_field(uint32_t i);

struct tcs_parties_plan; /* frozen, shared by threads */
/* NULL: no memory.  Names that `fs` lacks are never found. */
struct tcs_parties_plan *tcs_parties_plan_new(const struct tcs_fieldset *fs);
void tcs_parties_plan_free(struct tcs_parties_plan *p);

/* Texts in `a` or in the event, none longer than TCS_PARTY_TEXT_MAX. */
void tcs_parties_of(const struct tcs_parties_plan *p, const struct tcs_event *ev,
                    struct tcs_arena *a, struct tcs_parties *ret);
/* Puts one value where a field of that name would have put it, unless something is there; fields
 * that name no party are ignored.  Borrows. */
void tcs_parties_put(struct tcs_parties *w, struct tcs_str field, struct tcs_str value);
/* The event's record. */
struct tcs_evidence tcs_evidence_of(const struct tcs_event *ev, struct tcs_arena *a);

/* Could an event with this header be an observation?  Cheap; for tcs_sink.want. */
bool tcs_observe_wants(const struct tcs_event *head);
/* True and *ret filled if the event is one; texts as tcs_parties_of. */
bool tcs_observe(const struct tcs_parties_plan *p, const struct tcs_event *ev, struct tcs_arena *a,
                 struct tcs_observation *ret);
