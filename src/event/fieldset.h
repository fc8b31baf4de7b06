/* event/fieldset.h - the field names that some rule reads, each with a small number (its slot).
 *
 * Built with the ruleset, frozen, shared by all threads.  Decoders look a name up once (per
 * template, or per JSON key) and put the slot into the field, so that matching never compares
 * names. */
#pragma once
#include "base/str.h"

#include <stdint.h>

#define TCS_SLOT_NONE UINT32_MAX

struct tcs_fieldset;

struct tcs_fieldset *tcs_event_fieldset_new(void); /* NULL when out of memory */
void tcs_event_fieldset_free(struct tcs_fieldset *fs);
/* While building: the slot of `name` (copied), added if new; TCS_SLOT_NONE when out of memory. */
uint32_t tcs_event_fieldset_add(struct tcs_fieldset *fs, struct tcs_str name);
/* The slot, or TCS_SLOT_NONE.  Names are case-sensitive.  fs may be NULL. */
uint32_t tcs_event_fieldset_find(const struct tcs_fieldset *fs, struct tcs_str name);
uint32_t tcs_event_fieldset_count(const struct tcs_fieldset *fs);
/* The name of a slot that there is. */
struct tcs_str tcs_event_fieldset_name(const struct tcs_fieldset *fs, uint32_t slot);
