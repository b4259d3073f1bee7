-- One row a transaction that committed and a relation of which it deleted or updated many rows, or that lost its file by it, or
-- a database that it dropped, newest first, as walscan incidents tells it. SET VARIABLE min_rows = 100 asks for those that
-- changed so many rows at least; else it is 10. LSNs are text.
CREATE VIEW incidents AS
WITH found AS (
  SELECT
    timeline, end_time AS time, xid, end_lsn AS lsn, 'rows' AS kind, relation, deleted, updated,
    NULL AS files, NULL AS unlogged, NULL AS may_be_toast_of, NULL AS unknown_files, NULL AS database, NULL AS stop_lsn
  FROM changes
  WHERE status = 'committed'
    AND deleted + updated >= coalesce(getvariable('min_rows'), 10)
    AND deleted + updated > 0
    -- of users: FirstNormalObjectId
    AND relfilenode >= 16384
  UNION ALL
  SELECT
    timeline, time, xid, lsn, incident, relation, NULL, NULL,
    files, unlogged, may_be_toast_of, unknown_files, database, stop_lsn
  FROM removals
  WHERE incident IS NOT NULL
)
SELECT
  time,
  xid,
  lsn_text(lsn) AS lsn,
  list(timeline ORDER BY timeline) AS timelines,
  kind,
  relation,
  any_value(deleted) AS deleted,
  any_value(updated) AS updated,
  any_value(files) AS files,
  any_value(unlogged) AS unlogged,
  any_value(may_be_toast_of) AS may_be_toast_of,
  any_value(unknown_files) AS unknown_files,
  database,
  lsn_text(any_value(stop_lsn)) AS stop_lsn
FROM found
GROUP BY time, xid, found.lsn, kind, relation, database
ORDER BY time DESC, found.lsn DESC, relation;
