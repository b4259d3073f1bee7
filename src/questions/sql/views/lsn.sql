-- LSNs are 64-bit numbers in the tables of facts: these make text of them, as walscan and PostgreSQL 19 write it, and
-- numbers of text.
CREATE MACRO lsn_text(lsn) AS printf('%X/%08X', lsn >> 32, lsn & 4294967295);

CREATE MACRO lsn_number(text) AS
  ('0x' || split_part(text, '/', 1))::UBIGINT * 4294967296 + ('0x' || split_part(text, '/', 2))::UBIGINT;
