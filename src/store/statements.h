/* store/statements.h - every statement of the store but its schema (tables.c), each prepared at
 * most once.  Values come in as parameters only. */
#pragma once
#include "identity/identity.h"

/* Who, and which record it is from: columns behind others, and as many marks. */
#define TCS_SQL_NAME(name) ", " #name
#define TCS_SQL_MARK(name) ", ?"
#define TCS_SQL_EVIDENCE "file, channel, record_id, offset, event_id"
#define TCS_SQL_IDENTITY                                                                           \
    TCS_IDENTITY_FIELDS(TCS_SQL_NAME, TCS_SQL_NAME, TCS_SQL_NAME) ", " TCS_SQL_EVIDENCE ", record"
#define TCS_SQL_IDENTITY_MARKS                                                                     \
    TCS_IDENTITY_FIELDS(TCS_SQL_MARK, TCS_SQL_MARK, TCS_SQL_MARK) ", ?, ?, ?, ?, ?, ?"

/* A finding's columns. */
#define TCS_SQL_FINDING "signature, time, first, flags, count, grouped, unchecked" TCS_SQL_IDENTITY

/* Folding a pruned finding into the long memory, by the names `who` in the column `name`. */
#define TCS_SQL_FOLD(kind, name)                                                                   \
    "INSERT INTO summary SELECT '" kind "', lower(d." name "), s.stage, "                          \
    "coalesce(t.technique, ''), min(d.time), max(d.time), count(*), coalesce(min("                 \
    "(SELECT i.id FROM link l JOIN incident i ON i.nr = l.incident WHERE l.rule_id = s.id AND "    \
    "d.time BETWEEN l.time AND l.last AND (lower(l.host) = lower(d.host) OR "                      \
    "instr(lower(d.host), lower(l.host) || '.') = 1) ORDER BY i.id LIMIT 1)), '') "                \
    "FROM temp.doomed JOIN detection d USING (nr) JOIN signature s ON s.nr = d.signature "         \
    "LEFT JOIN signature_technique t ON t.signature = s.nr WHERE d." name " <> '' "                \
    "GROUP BY 2, 3, 4 ON CONFLICT DO UPDATE SET first = min(first, excluded.first), "              \
    "last = max(last, excluded.last), count = count + excluded.count, "                            \
    "incident = CASE WHEN excluded.incident = '' THEN incident ELSE excluded.incident END"
/* Two links are of one host, maybe once with its domain. */
#define TCS_SQL_SAME_HOST                                                                          \
    "(lower(a.host) = lower(b.host) OR instr(lower(a.host), lower(b.host) || '.') = 1 OR "         \
    "instr(lower(b.host), lower(a.host) || '.') = 1)"
/* Pairs of a run's new rows, by day. */
#define TCS_SQL_PAIRS(kind, name, from, where)                                                     \
    "INSERT INTO baseline SELECT '" kind "', " name ", lower(host), time / 864000000000, "         \
    "count(*), min(time), max(time) FROM " from " WHERE " where                                    \
    " AND host <> '' AND time > 0 GROUP BY 2, 3, 4 ON CONFLICT DO UPDATE SET "                     \
    "first = min(first, excluded.first), last = max(last, excluded.last), "                        \
    "count = count + excluded.count"

#define TCS_SQL_LIST(X, NAME, table, columns, marks)                                               \
    X(NAME##_PUT, "INSERT INTO " table "(incident, n, " columns ") VALUES (?, ?, " marks ")")      \
    X(NAME##_GET, "SELECT " columns " FROM " table " WHERE incident = ? ORDER BY n")

/* Rows that an older program wrote (legacy.c): one of them that is the record in hand leaves its
 * number to it. */
#define TCS_SQL_OLDER(X, NAME, table)                                                              \
    X(NAME##_THERE, "SELECT 1 FROM " table " WHERE key = ?")                                       \
    X(NAME##_LEGACY, "SELECT EXISTS (SELECT 1 FROM " table " WHERE legacy IS NOT NULL)")           \
    X(NAME##_ADOPT,                                                                                \
      "DELETE FROM " table " WHERE nr = coalesce((SELECT nr FROM " table " WHERE key = ?1), "      \
      "(SELECT nr FROM " table " WHERE legacy = ?2)) AND legacy IS NOT NULL RETURNING nr")         \
    X(NAME##_REKEY, "UPDATE OR REPLACE " table " SET key = ?, record = ?, legacy = ? WHERE nr = "  \
                    "?")

#define TCS_SQL_ALL(X)                                                                             \
    X(COLUMN_NAMES, "SELECT name FROM pragma_table_info(?)")                                       \
    X(SOURCE_GET, "SELECT path, head, head_size, size, mtime, read, records, content "             \
                  "FROM source WHERE path = ?")                                                    \
    X(SOURCE_ALL, "SELECT path, head, head_size, size, mtime, read, records, content "             \
                  "FROM source ORDER BY nr")                                                       \
    X(SOURCE_PUT, "REPLACE INTO source(path, head, head_size, size, mtime, read, records, "        \
                  "content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")                                      \
    X(SOURCE_COUNT, "SELECT count(*) FROM source")                                                 \
    X(SOURCE_PRUNE, "DELETE FROM source WHERE nr IN (SELECT nr FROM source ORDER BY nr DESC "      \
                    "LIMIT -1 OFFSET ?)")                                                          \
    X(REPEATS_DROP, "DELETE FROM repeated WHERE source IN (SELECT nr FROM source WHERE path = ?)") \
    X(REPEATS_PUT, "INSERT INTO repeated(source, record, count) "                                  \
                   "SELECT nr, ?2, ?3 FROM source WHERE path = ?1")                                \
    X(REPEATS_GET, "SELECT record, count FROM repeated JOIN source ON nr = source "                \
                   "WHERE path = ? ORDER BY record")                                               \
    X(BLOB_PUT, "REPLACE INTO blob(name, bytes) VALUES (?, ?)")                                    \
    X(BLOB_GET, "SELECT bytes FROM blob WHERE name = ?")                                           \
    X(SIGNATURE_PUT, "INSERT INTO signature(id, title, level, stage) VALUES (?, ?, ?, ?) "         \
                     "ON CONFLICT (id) DO UPDATE SET title = excluded.title, "                     \
                     "level = excluded.level, stage = excluded.stage RETURNING nr")                \
    X(SIGNATURE_ALL, "SELECT nr, id, title, level, stage FROM signature ORDER BY nr")              \
    X(SIGNATURE_COUNT, "SELECT count(*) FROM signature")                                           \
    X(SIGNATURE_KNOWN, "SELECT 1 FROM signature WHERE id = ?")                                     \
    X(TECHNIQUE_DROP, "DELETE FROM signature_technique WHERE signature = ?")                       \
    X(TECHNIQUE_PUT, "INSERT INTO signature_technique(signature, n, technique) VALUES (?, ?, ?)")  \
    X(TECHNIQUE_GET, "SELECT technique FROM signature_technique WHERE signature = ? ORDER BY n")   \
    X(FINDING_PUT, "INSERT INTO detection(nr, key, " TCS_SQL_FINDING                               \
                   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?" TCS_SQL_IDENTITY_MARKS                    \
                   ") ON CONFLICT (key) DO UPDATE SET "                                            \
                   "flags = excluded.flags, unchecked = '' "                                       \
                   "WHERE unchecked <> '' AND excluded.unchecked = ''")                            \
    X(FINDING_ALL,                                                                                 \
      "SELECT " TCS_SQL_FINDING " FROM detection WHERE nr > ? AND nr <= ? ORDER BY nr")            \
    X(FINDING_SINCE, "SELECT " TCS_SQL_FINDING                                                     \
                     " FROM detection WHERE nr > ? AND nr <= ? AND plan = 0 ORDER BY nr")          \
    X(FINDING_RESULTS, "SELECT " TCS_SQL_FINDING                                                   \
                       " FROM detection INDEXED BY detection_plan WHERE plan <> 0 AND nr > ? "     \
                       "AND nr <= ? ORDER BY nr")                                                  \
    X(FINDING_EDGE_NR, "SELECT coalesce((SELECT nr FROM detection WHERE plan = 0 "                 \
                       "ORDER BY nr DESC LIMIT 1), 0)")                                            \
    TCS_SQL_OLDER(X, FINDING, "detection")                                                         \
    X(FINDING_OLD,                                                                                 \
      "SELECT d.nr, d.key, d.host, d.file, d.channel, d.record_id, d.offset, d.event_id, d.time, " \
      "s.id, 0, d.flags FROM detection d JOIN signature s ON s.nr = d.signature ORDER BY d.nr")    \
    X(FINDING_COUNT, "SELECT count(*) FROM detection")                                             \
    X(FINDING_LAST, "SELECT coalesce(max(nr), 0) FROM detection")                                  \
    X(FINDING_DOOM, "INSERT INTO temp.doomed SELECT nr FROM detection "                            \
                    "ORDER BY time DESC, key DESC LIMIT -1 OFFSET ?")                              \
    X(FINDING_EDGE, "SELECT time, key FROM detection WHERE nr IN temp.doomed "                     \
                    "ORDER BY time DESC, key DESC LIMIT 1")                                        \
    X(FINDING_PRUNE, "DELETE FROM detection WHERE nr IN temp.doomed")                              \
    X(OBSERVATION_PUT,                                                                             \
      "INSERT INTO observation(nr, key, time, kind, logon_type" TCS_SQL_IDENTITY                   \
      ") VALUES (?, ?, ?, ?, ?" TCS_SQL_IDENTITY_MARKS ") ON CONFLICT (key) DO NOTHING")           \
    X(OBSERVATION_SINCE, "SELECT time, kind, logon_type" TCS_SQL_IDENTITY                          \
                         " FROM observation WHERE nr > ? AND nr <= ? ORDER BY nr DESC")            \
    TCS_SQL_OLDER(X, OBSERVATION, "observation")                                                   \
    X(OBSERVATION_OLD, "SELECT nr, key, host, file, channel, record_id, offset, event_id, time, "  \
                       "'observation ' || kind, 0, 0 FROM observation ORDER BY nr")                \
    X(OBSERVATION_COUNT, "SELECT count(*) FROM observation")                                       \
    X(OBSERVATION_LAST, "SELECT coalesce(max(nr), 0) FROM observation")                            \
    X(OBSERVATION_DOOM, "INSERT INTO temp.doomed SELECT nr FROM observation "                      \
                        "ORDER BY time DESC, key DESC LIMIT -1 OFFSET ?")                          \
    X(OBSERVATION_EDGE, "SELECT time, key FROM observation WHERE nr IN temp.doomed "               \
                        "ORDER BY time DESC, key DESC LIMIT 1")                                    \
    X(OBSERVATION_PRUNE, "DELETE FROM observation WHERE nr IN temp.doomed")                        \
    X(RESULT_GET, "SELECT nr, count, first, time, plan FROM detection WHERE key = ?")              \
    X(RESULT_PUT, "REPLACE INTO detection(key, signature, time, first, flags, count, "             \
                  "grouped, unchecked" TCS_SQL_IDENTITY ", nr, plan) VALUES (?, ?, ?, ?, ?, ?, "   \
                  "?, ?" TCS_SQL_IDENTITY_MARKS ", ?, ?)")                                         \
    X(RESULT_HELD, "INSERT OR IGNORE INTO temp.held VALUES (?)")                                   \
    X(RESULT_UNDO, "DELETE FROM detection WHERE plan <> 0 AND plan = ? AND first > ? "             \
                   "AND nr NOT IN temp.held")                                                      \
    X(RESULT_ALL, "SELECT d.nr, s.id, d.host, d.grouped FROM detection d JOIN signature s "        \
                  "ON s.nr = d.signature WHERE d.flags & ? ORDER BY d.count, d.nr")                \
    X(RESULT_KEY, "UPDATE OR REPLACE detection SET key = ? WHERE nr = ?")                          \
    X(HELD_CLEAR, "DELETE FROM temp.held")                                                         \
    X(MATCH_PUT, "INSERT INTO matched(nr, key, rule, plan, time, flags, about_target, host, "      \
                 "account, subject, source_ip, " TCS_SQL_EVIDENCE ", record, bring) VALUES "       \
                 "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "                         \
                 "ON CONFLICT (key) DO NOTHING")                                                   \
    TCS_SQL_OLDER(X, MATCH, "matched")                                                             \
    X(MATCH_OLD, "SELECT nr, key, host, file, channel, record_id, offset, event_id, time, rule, "  \
                 "plan, 0 FROM matched ORDER BY nr")                                               \
    X(MATCH_ALL,                                                                                   \
      "SELECT m.rule, m.plan, m.time, m.flags, m.about_target, m.host, m.account, m.subject, "     \
      "m.source_ip, m.file, m.channel, m.record_id, m.offset, m.event_id, m.record, m.bring "      \
      "FROM matched m WHERE m.nr <= ? ORDER BY m.nr")                                              \
    X(MATCH_COUNT, "SELECT count(*) FROM matched")                                                 \
    X(MATCH_LAST, "SELECT coalesce(max(nr), 0) FROM matched")                                      \
    X(MATCH_DOOM, "INSERT INTO temp.doomed SELECT nr FROM matched "                                \
                  "ORDER BY time DESC, key DESC LIMIT -1 OFFSET ?")                                \
    X(MATCH_EDGE, "SELECT time, key FROM matched WHERE nr IN temp.doomed "                         \
                  "ORDER BY time DESC, key DESC LIMIT 1")                                          \
    X(MATCH_PRUNE, "DELETE FROM matched WHERE nr IN temp.doomed")                                  \
    X(HEARD_PUT, "INSERT INTO heard VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "                   \
                 "first = min(first, excluded.first), last = max(last, excluded.last)")            \
    X(HEARD_ALL, "SELECT host, first, last FROM heard ORDER BY host")                              \
    X(HEARD_COUNT, "SELECT count(*) FROM heard")                                                   \
    X(HEARD_PRUNE, "DELETE FROM heard WHERE host IN (SELECT host FROM heard ORDER BY last DESC, "  \
                   "host LIMIT -1 OFFSET ?)")                                                      \
    X(IMAGE_PUT, "INSERT INTO image(n, bytes) VALUES (?, ?)")                                      \
    X(IMAGE_GET, "SELECT bytes FROM image WHERE n >= ? AND n <= ? ORDER BY n")                     \
    X(IMAGE_DROP, "DELETE FROM image")                                                             \
    X(DOOMED_CLEAR, "DELETE FROM temp.doomed")                                                     \
    X(FOLD_HOST, TCS_SQL_FOLD("host", "host"))                                                     \
    X(FOLD_USER, TCS_SQL_FOLD("account", "user"))                                                  \
    X(FOLD_TARGET, TCS_SQL_FOLD("account", "target"))                                              \
    X(SUMMARY_COUNT, "SELECT count(*) FROM summary")                                               \
    X(SUMMARY_PRUNE, "DELETE FROM summary WHERE (kind, name, stage, technique) IN (SELECT kind, "  \
                     "name, stage, technique FROM summary ORDER BY last DESC, kind, name, stage, " \
                     "technique LIMIT -1 OFFSET ?)")                                               \
    X(SUMMARY_ALL, "SELECT kind, name, stage, technique, first, last, count, incident "            \
                   "FROM summary ORDER BY kind, name, stage, technique")                           \
    X(PAIR_SIGNATURE,                                                                              \
      TCS_SQL_PAIRS("signature", "s.id", "detection d JOIN signature s ON s.nr = d.signature",     \
                    "d.nr > ?"))                                                                   \
    X(PAIR_USER, TCS_SQL_PAIRS("account", "lower(user)", "detection", "nr > ? AND user <> ''"))    \
    X(PAIR_LOGON, TCS_SQL_PAIRS("account", "lower(target)", "observation",                         \
                                "nr > ? AND kind = ? AND target <> ''"))                           \
    X(BASELINE_COUNT, "SELECT count(*) FROM baseline")                                             \
    X(BASELINE_PRUNE, "DELETE FROM baseline WHERE (kind, name, host, day) IN (SELECT kind, name, " \
                      "host, day FROM baseline ORDER BY day DESC, kind, name, host "               \
                      "LIMIT -1 OFFSET ?)")                                                        \
    X(BASELINE_ALL, "SELECT kind, name, host, min(first), max(last), sum(count), count(*) "        \
                    "FROM baseline GROUP BY 1, 2, 3 ORDER BY 4, 1, 2, 3")                          \
    X(INCIDENT_NR, "SELECT nr FROM incident WHERE id = ?")                                         \
    X(INCIDENT_DROP, "DELETE FROM incident WHERE nr = ?")                                          \
    X(INCIDENT_PUT, "INSERT INTO incident(id, state, stages, score, first, last, summary, "        \
                    "detections, dropped, origin_host, origin_account, origin_address) VALUES "    \
                    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                                        \
    X(INCIDENT_GET, "SELECT nr, id, state, stages, score, first, last, summary, detections, "      \
                    "dropped, origin_host, origin_account, origin_address FROM incident "          \
                    "WHERE id = ?")                                                                \
    X(INCIDENT_ALL, "SELECT nr, id, state, stages, score, first, last, summary, detections, "      \
                    "dropped, origin_host, origin_account, origin_address FROM incident "          \
                    "WHERE state >= ? ORDER BY last DESC, id")                                     \
    X(INCIDENT_LIKE, "SELECT id FROM incident WHERE id >= ?1 AND id < ?1 || 'g' UNION "            \
                     "SELECT incident FROM alias WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2")       \
    X(INCIDENT_FRESH, "INSERT OR IGNORE INTO temp.fresh VALUES (?)")                               \
    X(FRESH_CLEAR, "DELETE FROM temp.fresh")                                                       \
    X(INCIDENT_STALE,                                                                              \
      "SELECT i.id, coalesce((SELECT f.id FROM link a JOIN link b ON "                             \
      "b.rule_id = a.rule_id AND b.time <= a.time AND b.last >= a.time AND " TCS_SQL_SAME_HOST     \
      " JOIN incident f ON f.nr = b.incident WHERE "                                               \
      "a.incident = i.nr AND f.id IN temp.fresh ORDER BY a.n, f.id LIMIT 1), '') "                 \
      "FROM incident i WHERE i.id NOT IN temp.fresh AND i.first > ? ORDER BY i.id")                \
    X(ALIAS_PUT, "REPLACE INTO alias(id, incident) VALUES (?, ?)")                                 \
    X(ALIAS_MOVE, "UPDATE alias SET incident = ?2 WHERE incident = ?1")                            \
    X(ALIAS_DROP, "DELETE FROM alias WHERE id = ?")                                                \
    X(ALIAS_LOST, "DELETE FROM alias WHERE incident = ?")                                          \
    X(ENTITY_PUT, "INSERT INTO entity(incident, role, n, name) VALUES (?, ?, ?, ?)")               \
    X(ENTITY_GET, "SELECT name FROM entity WHERE incident = ? AND role = ? ORDER BY n")            \
    TCS_SQL_LIST(X, LINK, "link",                                                                  \
                 "time, last, count, stage, level, flags, chosen, rule_id, "                       \
                 "title, host, account, source, unchecked, " TCS_SQL_EVIDENCE,                     \
                 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?")                           \
    TCS_SQL_LIST(X, JOIN, "joined",                                                                \
                 "kind, strength, time, link, to_link, reason, other, "                            \
                 "from_host, to_host, " TCS_SQL_EVIDENCE,                                          \
                 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?")                                       \
    TCS_SQL_LIST(X, TRANSITION, "transition", "state, time, why", "?, ?, ?")                       \
    TCS_SQL_LIST(X, REACH, "reach", "hops, is_host, name, why, last, " TCS_SQL_EVIDENCE,           \
                 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?")                                                   \
    TCS_SQL_LIST(X, MISSING, "missing", "stage, text", "?, ?")                                     \
    TCS_SQL_LIST(X, EXPECTED, "expected", "stage, priority, technique, text", "?, ?, ?, ?")        \
    TCS_SQL_LIST(X, MITIGATION, "mitigation", "stage, priority, technique, text", "?, ?, ?, ?")    \
    TCS_SQL_LIST(X, OVERLAP, "overlap", "profile, source, shared, of_incident, of_profile",        \
                 "?, ?, ?, ?, ?")                                                                  \
    X(LINK_TECHNIQUE_PUT, "INSERT INTO link_technique(incident, link, n, technique) "              \
                          "VALUES (?, ?, ?, ?)")                                                   \
    X(LINK_TECHNIQUE_GET, "SELECT technique FROM link_technique WHERE incident = ? AND link = ? "  \
                          "ORDER BY n")                                                            \
    X(OVERLAP_TECHNIQUE_PUT, "INSERT INTO overlap_technique(incident, overlap, n, technique) "     \
                             "VALUES (?, ?, ?, ?)")                                                \
    X(OVERLAP_TECHNIQUE_GET, "SELECT technique FROM overlap_technique WHERE incident = ? "         \
                             "AND overlap = ? ORDER BY n")

enum tcs_sql_statement {
#define X(name, sql) TCS_SQL_##name,
    TCS_SQL_ALL(X)
#undef X
        TCS_SQL_STATEMENTS
};
