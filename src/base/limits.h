/* base/limits.h - every limit on what comes from outside, with the reason for its value. */
#pragma once

enum {
    /* EVTX.  A chunk is 64 KiB by format, so nothing inside one can be longer. */
    TCS_EVTX_FILE_HEADER = 4096,
    TCS_EVTX_CHUNK = 65536,
    TCS_EVTX_CHUNK_HEADER = 512,
    TCS_EVTX_RECORD_MIN = 28,     /* header 24 + trailing size copy 4 */
    TCS_EVTX_NEST_MAX = 64,       /* template inside a substitution inside a template ... */
    TCS_EVTX_DEPTH_MAX = 256,     /* open elements; real logs stay below 16 */
    TCS_EVTX_SUBST_MAX = 4096,    /* values of one template instance; real logs stay below 200 */
    TCS_EVTX_WORK_MAX = 1 << 16,  /* nodes a record may unfold into; real ones stay below 4,096 */
    TCS_EVTX_WORK_MIN = 1 << 12,  /* the same in a chunk where some have reached the limit */
    TCS_EVTX_CARVE_MAX = 4 << 20, /* bytes of a chunk's slack tried as records, overlaps counted */
    TCS_EVTX_NAME_MAX = 1024,     /* UTF-16 units of an element or attribute name */

    /* An event as rules see it. */
    TCS_FIELDS_MAX = 8192,     /* fields of one event, array elements counted singly */
    TCS_FIELD_NAME_MAX = 1024, /* bytes of a dotted field name */
    TCS_VALUE_TEXT_MAX =
        1 << 20, /* bytes of one rendered value; what is beyond is cut and counted */

    /* JSON. */
    TCS_JSON_DEPTH_MAX = 64,
    TCS_JSON_RECORD_MAX = 16 << 20, /* one object; the parser needs up to 14 times as much memory */
    TCS_JSON_TEXT_MAX = 1 << 20, /* JSON within a text of one; M365 audit data stays below 64 KiB */

    /* CSV. */
    TCS_CSV_HEAD_MAX = 32768,  /* bytes of the row that names the columns */
    TCS_CSV_ROW_MAX = 1 << 20, /* bytes of a row: how far a quote that is never closed may reach */

    /* Rules. */
    TCS_RULE_FILE_MAX = 4 << 20,    /* the largest SigmaHQ rule file is 0.2 MiB */
    TCS_RULE_VALUES_MAX = 1 << 20,  /* values of one rule after base64offset/windash expansion */
    TCS_YAML_DEPTH_MAX = 32,        /* lists and maps within each other; SigmaHQ's deepest is 5 */
    TCS_YAML_NODES_MAX = 1 << 20,   /* of one document, aliases followed: no alias bombs */
    TCS_COND_DEPTH_MAX = 64,        /* nesting of a condition; SigmaHQ's deepest is 2 */
    TCS_COND_WORDS_MAX = 16384,     /* of one condition; SigmaHQ's longest has 40 */
    TCS_COND_LOOKS_MAX = 1 << 18,   /* search identifiers that all its words are compared with */
    TCS_SEARCHES_MAX = 4096,        /* search identifiers of one rule; SigmaHQ's most is 20 */
    TCS_CORR_RULES_MAX = 1024,      /* rules of one correlation */
    TCS_CORR_CHAIN_MAX = 64,        /* correlations of correlations */
    TCS_CORR_FIELDS_MAX = 16,       /* of one group-by, or of one condition */
    TCS_CORR_NEED_MAX = 1 << 20,    /* matches that a condition may ask for; each takes 16 bytes */
    TCS_CORR_TERMS_MAX = 64,        /* ways in which an ordered condition may hold */
    TCS_CORR_STEPS_MAX = 4096,      /* of all those ways together */
    TCS_CORR_SOME_MAX = 6,          /* rules of an ordered condition that asks for some of them */
    TCS_CORR_NUMBERS_MAX = 4096,    /* of one window of sum, avg, percentile, median */
    TCS_CORR_VALUES_TOLD = 256,     /* distinct values of one window that are told apart even if
                                        the condition needs fewer */
    TCS_CORR_TEXT_MAX = 1024,       /* bytes of a value that is compared; the rest is cut */
    TCS_CORR_GROUPS_MAX = 1 << 15,  /* of one correlation; some 600 bytes each */
    TCS_CORR_WAITING_MAX = 1 << 17, /* matches not yet in order, a quarter more before logs are
                                        cut to their shares; with what is kept of the record as
                                        evidence about 250 bytes each */
    TCS_CORR_TEXTS_MAX = 24 << 20,  /* bytes of their names and values */
    TCS_DIAGS_MAX = 100,            /* of one document; the first ones tell */
    TCS_TREE_DEPTH_MAX = 256,       /* of a rule's nodes: three per level of its condition, and its
                                        values */
    TCS_UNCHECKED_MAX =
        32, /* of one match: searches whose field was unknown; the rest is not told */
    TCS_CACHE_MAX = 256 << 20,      /* compiled rules; SigmaHQ's take 6 MiB */
    TCS_REGEX_LEN_MAX = 4096,       /* SigmaHQ's longest is 217 */
    TCS_REF_WORK_MAX = 1 << 20,     /* comparisons of one event's fields with each other */
    TCS_REGEX_MATCH_LIMIT = 100000, /* PCRE2 backtracking steps from each place */
    TCS_REGEX_WORK_MAX = 16 << 20,  /* of all places of an event that need many */

    /* The store: rows kept, the oldest go first.  A row takes about 400 bytes. */
    TCS_STORE_FINDINGS_MAX = 1 << 20,
    TCS_STORE_OBSERVATIONS_MAX = 1 << 20, /* of these the chain takes a quarter */
    TCS_STORE_MATCHES_MAX = 1 << 20,      /* of rules that correlations read */
    TCS_STORE_SUMMARIES_MAX = 1 << 18,
    TCS_STORE_BASELINE_MAX = 1 << 20,   /* pair and day */
    TCS_STORE_SOURCES_MAX = 1 << 18,    /* read positions */
    TCS_STORE_SIGNATURES_MAX = 1 << 17, /* SigmaHQ has 4,000 */
    TCS_STORE_IMAGE_MIN = 1 << 14,      /* findings and observations; fewer are read at once */
    TCS_STORE_LIST_MAX = 1 << 20,       /* rows of one list of one incident, when read */
    /* The chain. */
    TCS_IDENTITY_TEXT_MAX =
        512, /* bytes of a name, path or address of an identity; longer ones are cut */
    /* In memory; a quarter more before it is cut.  Beyond, logs have shares (chain/room.c). */
    TCS_CHAIN_FINDINGS_MAX = 1 << 19,     /* 184 bytes each */
    TCS_CHAIN_OBSERVATIONS_MAX = 1 << 18, /* 120 bytes each, and 100 in tables */
    TCS_CHAIN_HOSTS_MAX = 1 << 16,        /* of each log, when they were seen; 90 bytes each */
    TCS_CHAIN_NAME_BYTES_MAX = 48 << 20,  /* hosts, accounts, addresses, files and paths */
    TCS_CHAIN_NAMES_MAX = 1 << 20,        /* of each of these */
    TCS_CHAIN_APART_MAX = 1 << 17,        /* findings without anything in common: each may begin an
                                              incident, of 600 bytes */
    /* Detection. */
    TCS_BATCH_HOSTS_MAX = 1 << 16, /* hosts told apart in a block; logs rarely have more than one */
    TCS_LOGS_MAX = 128, /* logs told apart by channel in a block, and 16 times so many in a run;
                                  further ones are counted without their channel */
    TCS_HOSTS_TOLD_MAX = 4096, /* hosts whose records are counted apart */
    TCS_SEEN_MAX = 4 << 20,    /* findings and matches known by their keys; 16 to 32 bytes each */
    TCS_REPEATS_MAX = 1 << 20, /* different records of a source that numbers none; 24 bytes each */
    TCS_SIGHTINGS_MAX = 8 << 20, /* records of a log that --carve tells copies by; 8 bytes each */
    /* STIX. */
    TCS_STIX_BUNDLE_MAX = 64 << 20, /* Enterprise ATT&CK has 26 MiB; its tree takes 4 times that */
    TCS_STIX_OBJECTS_MAX = 1 << 20, /* Enterprise ATT&CK has 19,918 */
    TCS_STIX_REFS_MAX = 16,         /* aliases or references of one object that are kept */
    TCS_PROFILE_FILE_MAX = 4 << 20, /* a profile of 100 techniques has 0.1 MiB */
    TCS_PROFILE_USES_MAX = 1 << 16, /* `uses` of one profile before equal ones are joined */
    TCS_PROFILES_MAX = 256,         /* profiles of one run */

    /* Containers. */
    TCS_WALK_DEPTH_MAX = 64,  /* folders within folders */
    TCS_ARCHIVE_NEST_MAX = 3, /* gz of a tar of zips */
    /* What comes out of a file, all its layers together: so many times its size, and so much
     * more.  One layer of deflate cannot reach it (1,032 times); layers of layers do. */
    TCS_UNPACK_RATIO_MAX = 1100,
    TCS_UNPACK_FREE = 16 << 20,
    TCS_UNPACK_MEMBER = 512, /* what a member counts at least, as its header in a tar */
};
