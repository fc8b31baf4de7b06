/* attack/signature.h - what a finding was said by, reduced to what the course of an intrusion needs
 * of it: id, title, level, stage and techniques. */
#pragma once
#include "attack/level.h"
#include "attack/stage.h"

/* What said it: a rule, a correlation, another tool's alert. */
struct tcs_signature {
    struct tcs_str id; /* unique and stable: a rule's id, or tool and alert name */
    struct tcs_str title;
    uint8_t level;              /* enum tcs_level (sigma/ast.h) */
    uint8_t stage;              /* enum tcs_stage; TCS_STAGE_NONE: from the techniques */
    struct tcs_str *techniques; /* "T1003.001"; ATT&CK v18 or v19 numbers */
    uint32_t ntechniques;
};
