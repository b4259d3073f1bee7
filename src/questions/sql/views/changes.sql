-- One row a timeline, transaction and relation: how many rows it inserted, updated, deleted, and moved to another partition,
-- all subtransactions together that shared its fate. What runs over a segment's end has a row in the facts of each segment;
-- a transaction id belongs to the next end of it that comes after, for ids are used again. LSNs are numbers.
CREATE VIEW changes AS
WITH parts AS (
  SELECT
    c.timeline, f.xid, f.top_xid, f.tablespace, f.database, f.relfilenode,
    f.inserted, f.updated, f.deleted, f.moved,
    c.start_lsn + f.first_at AS first_lsn,
    c.start_lsn + f.first_at + f.last_after AS last_lsn,
    CASE WHEN f.inserted > 0 THEN c.start_lsn + f.first_at + f.last_insert_after END AS last_insert_lsn,
    CASE WHEN f.deleted > 0 THEN c.start_lsn + f.first_at + f.first_delete_after END AS first_delete_lsn,
    CASE WHEN f.deleted > 0 THEN c.start_lsn + f.first_at + f.last_delete_after END AS last_delete_lsn
  FROM facts.changes f
  JOIN chains c ON c.file_timeline = f.timeline AND c.segment = f.segment
  WHERE c.start_lsn + f.first_at + f.last_after < c.to_lsn
  UNION ALL
  SELECT timeline, xid, 0, tablespace, database, relfilenode, 1, 0, 0, 0, lsn, lsn, lsn, NULL, NULL
  FROM confirmed_inserts
),
ended AS (
  SELECT p.*, e.lsn AS end_lsn, e.status, e.time, coalesce(e.top_xid, nullif(p.top_xid, 0), p.xid) AS transaction
  FROM parts p
  ASOF LEFT JOIN ends e ON p.timeline = e.timeline AND p.xid = e.xid AND p.last_lsn < e.lsn
)
SELECT
  timeline,
  transaction AS xid,
  coalesce(any_value(status), 'in-progress') AS status,
  end_lsn,
  any_value(time) AS end_time,
  concat(tablespace, '/', database, '/', relfilenode) AS relation,
  tablespace, database, relfilenode,
  sum(inserted)::UBIGINT AS inserted,
  sum(updated)::UBIGINT AS updated,
  sum(deleted)::UBIGINT AS deleted,
  sum(moved)::UBIGINT AS moved,
  min(first_lsn) AS first_lsn,
  max(last_lsn) AS last_lsn,
  max(last_insert_lsn) AS last_insert_lsn,
  min(first_delete_lsn) AS first_delete_lsn,
  max(last_delete_lsn) AS last_delete_lsn
FROM ended
WHERE NOT EXISTS (
  FROM repacked r
  WHERE r.timeline = ended.timeline AND r.lsn = ended.end_lsn
    AND r.tablespace = ended.tablespace AND r.database = ended.database AND r.relfilenode = ended.relfilenode
)
GROUP BY timeline, transaction, end_lsn, tablespace, database, relfilenode
HAVING sum(inserted) + sum(updated) + sum(deleted) + sum(moved) > 0;
