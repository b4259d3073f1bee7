-- One row a timeline and stretch of its WAL of which there are no facts although there are of what comes later. LSNs are text.
CREATE VIEW gaps AS
SELECT timeline, first_segment, last_segment, segments, lsn_text(from_lsn) AS from_lsn, lsn_text(to_lsn) AS to_lsn
FROM missing_segments
ORDER BY timeline, missing_segments.from_lsn;
