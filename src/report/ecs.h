/* report/ecs.h - a finding as one line of JSON in ECS names (tocsin-hunt(1), OUTPUT, is the
 * contract).
 */
#pragma once
#include "identity/identity.h"
#include "sigma/scan.h"

/* The part that is the same for all findings on one event: ,"event":{...},...  `a` is scratch. */
void tcs_report_ecs_event(struct tcs_buf *b, const struct tcs_event *ev,
                          const struct tcs_identity *who, struct tcs_arena *a);
/* The part that is the same for all findings of one rule: ,"rule":{...},"threat":{...} */
void tcs_report_ecs_rule(struct tcs_buf *b, const struct tcs_rule *rule);

/* What tcs_report_ecs_rule and tcs_report_ecs_event wrote for the rule and the event of a
 * finding. */
struct tcs_ecs_parts {
    struct tcs_str rule, event;
};

/* One object and a newline. */
void tcs_report_ecs_finding(struct tcs_buf *b, const struct tcs_rule *rule,
                            const struct tcs_event *ev, const struct tcs_sigma_match *match,
                            const struct tcs_ecs_parts *parts);
/* "key":"text" with both escaped; a comma before it unless *first, which becomes false. */
void tcs_report_ecs_member(struct tcs_buf *b, bool *first, struct tcs_str key, struct tcs_str text);
