/* sigma/yaml_block.h - the YAML that nearly all rules are written in, read without a YAML library.
 * Private to src/sigma. */
#pragma once
#include "sigma/yaml.h"

/* The same by libfyaml, which reads all of YAML; likewise without a look at what the text is. */
int sigma_yaml_library(struct tcs_arena *a, struct tcs_str text, struct tcs_yaml *ret,
                       struct tcs_err *err);

/* The type and value of a plain scalar by its text (yaml.c). */
void sigma_yaml_resolve(struct tcs_ynode *y);

/* True and *ret: exactly what tcs_sigma_yaml_parse is to give.  False: the text has something that
 * is not read here, or is wrong, or memory is out; *ret says nothing.  The text is UTF-8 without
 * NUL and byte order mark. */
bool sigma_yaml_block(struct tcs_arena *a, struct tcs_str text, struct tcs_yaml *ret);
