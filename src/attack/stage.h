/* attack/stage.h - the five stages of an intrusion, from a stolen account to destruction. */
#pragma once
#include <stdint.h>

/* Where in the course of an intrusion something stands (docs/chain.md). */
enum tcs_stage {
    TCS_STAGE_NONE,        /* tells nothing about the course */
    TCS_STAGE_ACCOUNT,     /* A: guessing, phishing, stolen sessions */
    TCS_STAGE_FOOTHOLD,    /* B: execution, persistence, discovery on a host */
    TCS_STAGE_CREDENTIALS, /* C: credentials read, defences impaired */
    TCS_STAGE_LATERAL,     /* D: onto other hosts */
    TCS_STAGE_DESTROY,     /* E: recovery removed, data destroyed or encrypted */
    TCS_STAGES
};

/* "account", "foothold" ...; "" for none. */
const char *tcs_attack_stage_name(uint8_t stage);
