/* sigma/document.h - what documents of every kind have.  Internal to src/sigma. */
#pragma once
#include "sigma/ast.h"
#include "sigma/load.h"

bool tcs_sigma_document_attributes(struct tcs_load *l, const struct tcs_ynode *map,
                                   struct tcs_doc *doc);
bool tcs_sigma_document_logsource(struct tcs_load *l, const struct tcs_ynode *map,
                                  struct tcs_logsource *ls);
/* An optional text attribute; *ret is in keep, empty when there is none. */
bool tcs_sigma_document_text(struct tcs_load *l, const struct tcs_ynode *map, const char *key,
                             struct tcs_str *ret);
/* A list of texts, or one text; places (may be NULL) get where each is. */
bool tcs_sigma_document_list(struct tcs_load *l, const struct tcs_ynode *map, const char *key,
                             struct tcs_str **ret, uint32_t *n, struct tcs_place **places);
