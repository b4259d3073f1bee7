-- One row a timeline and relation: the last row inserted and the last rows deleted, each by a transaction that committed,
-- and how the relation lost its file, as walscan find-commit tells it. Transaction ids are top-level ones, LSNs text.
CREATE VIEW find_commit AS
WITH done AS MATERIALIZED (FROM changes),
relations AS (
  SELECT
    timeline,
    relation,
    -- what ended of it by then tells that it is a table
    min(end_lsn) AS first_end_lsn,
    max(last_insert_lsn) FILTER (status = 'committed') AS insert_lsn,
    arg_max(xid, last_insert_lsn) FILTER (status = 'committed') AS insert_xid,
    arg_max(end_lsn, last_insert_lsn) FILTER (status = 'committed') AS insert_commit_lsn,
    arg_max(end_time, last_insert_lsn) FILTER (status = 'committed') AS insert_commit_time,
    max(end_lsn) FILTER (status = 'committed' AND deleted > 0) AS delete_commit_lsn,
    arg_max(xid, end_lsn) FILTER (status = 'committed' AND deleted > 0) AS delete_xid,
    arg_max(deleted, end_lsn) FILTER (status = 'committed' AND deleted > 0) AS delete_rows,
    arg_max(end_time, end_lsn) FILTER (status = 'committed' AND deleted > 0) AS delete_commit_time
  FROM done
  GROUP BY timeline, relation
),
removed AS (
  SELECT
    timeline,
    relation,
    max(lsn) AS lsn,
    arg_max(xid, lsn) AS xid,
    arg_max(kind, lsn) AS kind,
    arg_max(kind_of_table, lsn) AS kind_of_table
  FROM removals
  WHERE relation IS NOT NULL
  GROUP BY timeline, relation
)
SELECT
  timeline,
  relation,
  r.insert_xid AS last_insert_xid,
  lsn_text(r.insert_lsn) AS last_insert_lsn,
  lsn_text(r.insert_commit_lsn) AS last_insert_commit_lsn,
  r.insert_commit_time AS last_insert_commit_time,
  r.delete_xid AS last_delete_xid,
  r.delete_rows AS last_delete_rows,
  lsn_text(r.delete_commit_lsn) AS last_delete_commit_lsn,
  r.delete_commit_time AS last_delete_commit_time,
  CASE WHEN r.first_end_lsn <= d.lsn THEN d.kind_of_table ELSE d.kind END AS removed_kind,
  d.xid AS removed_xid
FROM relations r
FULL JOIN removed d USING (timeline, relation)
ORDER BY timeline, string_split(relation, '/')::UBIGINT[];
