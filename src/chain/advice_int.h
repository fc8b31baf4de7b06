/* chain/advice_int.h - the rows behind chain/advice.h; private to chain/ and its tests. */
#pragma once
#include "chain/advice.h"

struct tcs_advice_phrase_row {
    const char *technique, *text;
};

extern const struct tcs_advice_phrase_row tcs_chain_advice_phrases[]; /* ascending by technique */
extern const uint32_t tcs_chain_advice_nphrases;
extern const struct tcs_advice_next tcs_chain_advice_nexts[];
extern const uint32_t tcs_chain_advice_nnexts;
extern const struct tcs_advice_step tcs_chain_advice_all_steps[];
extern const uint32_t tcs_chain_advice_nsteps;
