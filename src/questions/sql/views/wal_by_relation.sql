-- One row a relation's file: how many records change it, most bytes first, each segment once, whichever timelines share it.
CREATE VIEW wal_by_relation AS
SELECT
  concat(tablespace, '/', database, '/', relfilenode) AS relation,
  sum(records)::UBIGINT AS records,
  sum(record_bytes)::UBIGINT AS record_bytes,
  sum(image_bytes)::UBIGINT AS image_bytes
FROM facts.relations
GROUP BY tablespace, database, relfilenode
ORDER BY sum(record_bytes) + sum(image_bytes) DESC, relation;
