-- One row a timeline and COMMIT or ABORT in its WAL, of prepared transactions too; the rollback of a subtransaction has
-- one of its own. LSNs are numbers.
CREATE VIEW transactions AS
SELECT
  c.timeline,
  t.xid,
  CASE t.outcome WHEN 'commit' THEN 'committed' ELSE 'aborted' END AS status,
  t.lsn,
  t.time,
  t.two_phase,
  coalesce(t.subxids, []) AS subxids,
  coalesce(t.dropped, []) AS dropped,
  t.origin,
  t.origin_lsn,
  t.origin_time
FROM facts.transactions t
JOIN chains c ON c.file_timeline = t.timeline AND c.segment = t.segment
WHERE t.outcome IN ('commit', 'abort') AND t.lsn < c.to_lsn;
