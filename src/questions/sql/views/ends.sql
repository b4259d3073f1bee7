-- One row a timeline and transaction id that comes to an end there: by a COMMIT or an ABORT, its own or that of the
-- transaction that it is a subtransaction of (top_xid), or by a restart or a promotion, which ends all that has not ended
-- and was not prepared: unless there is WAL in between that could not be read, where its end may be. LSNs are numbers.
CREATE VIEW ends AS
WITH ended AS (
  SELECT timeline, unnest(list_prepend(xid, subxids)) AS xid, lsn, xid AS top_xid, status, time
  FROM transactions
),
others AS (
  SELECT c.timeline, t.lsn, t.outcome, list_prepend(t.xid, coalesce(t.subxids, [])) AS xids
  FROM facts.transactions t
  JOIN chains c ON c.file_timeline = t.timeline AND c.segment = t.segment
  WHERE t.outcome IN ('prepare', 'restart') AND t.lsn < c.to_lsn
),
open AS (
  SELECT c.timeline, f.xid, c.start_lsn + f.first_at + f.last_after AS last_lsn
  FROM facts.changes f
  JOIN chains c ON c.file_timeline = f.timeline AND c.segment = f.segment
  WHERE f.end_after = 0 AND c.start_lsn + f.first_at + f.last_after < c.to_lsn
),
-- what a transaction id did last before a restart
cut AS (
  SELECT o.timeline, o.xid, r.lsn, max(o.last_lsn) AS last_lsn
  FROM open o
  ASOF JOIN (SELECT timeline, lsn FROM others WHERE outcome = 'restart') r
    ON o.timeline = r.timeline AND o.last_lsn < r.lsn
  GROUP BY ALL
),
settled AS (
  SELECT timeline, xid, lsn FROM ended
  UNION ALL
  SELECT timeline, unnest(xids), lsn FROM others WHERE outcome = 'prepare'
)
SELECT timeline, xid, lsn, top_xid, status, time FROM ended
UNION ALL
SELECT timeline, xid, lsn, xid, 'aborted', NULL
FROM cut
WHERE NOT EXISTS (
    FROM settled s
    WHERE s.timeline = cut.timeline AND s.xid = cut.xid AND s.lsn > cut.last_lsn AND s.lsn < cut.lsn
  )
  AND NOT EXISTS (
    FROM interruptions i
    WHERE i.timeline = cut.timeline AND i.resumed_lsn > cut.last_lsn AND i.resumed_lsn <= cut.lsn
  );
