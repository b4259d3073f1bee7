-- One row an hour of UTC: how much WAL began in it, each segment once, whichever timelines share it. A segment counts for the
-- hour of its first commit; one without any for that of the segment before.
CREATE VIEW wal_by_hour AS
WITH timed AS (
  SELECT
    date_trunc('hour', coalesce(
      first_commit_time,
      last_value(last_commit_time IGNORE NULLS) OVER (
        PARTITION BY timeline ORDER BY start_lsn ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    )) AS hour,
    *
  FROM facts.segments
)
SELECT
  hour,
  count(*) AS segments,
  sum(records)::UBIGINT AS records,
  sum(record_bytes)::UBIGINT AS record_bytes,
  sum(image_bytes)::UBIGINT AS image_bytes,
  sum(commits)::UBIGINT AS commits,
  sum(aborts)::UBIGINT AS aborts
FROM timed
GROUP BY hour
ORDER BY hour NULLS FIRST;
