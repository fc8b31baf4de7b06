/* attack/tags.h - tags of rules ("attack.t1003.001") to techniques and tactics. */
#pragma once
#include "base/str.h"

/* "attack.t1003.001" -> "T1003.001" written to out; false if the tag is not a technique's. */
bool tcs_attack_tag_technique(struct tcs_str tag, char out[16]);
/* "attack.credential-access" (or with '_') -> index of the tactic in attack order, or -1. */
int tcs_attack_tag_tactic(struct tcs_str tag);
/* Name of the tactic as ATT&CK writes it; NULL beyond the last. */
const char *tcs_attack_tactic_name(unsigned i);
