/** `walscan dump --help` */
export const DUMP_HELP = `Usage: walscan dump [OPTION]... [STARTSEG [ENDSEG]]
       walscan dump [OPTION]... FOLDER

Prints WAL records as pg_waldump of the PostgreSQL version that wrote them does (10 to 19).

STARTSEG and ENDSEG may be compressed or .partial files, and so may those between them, which
are looked for beside STARTSEG. Of a FOLDER, or a tar file, all WAL that it holds is printed;
of a repository of pgBackRest, Barman or WAL-G its archive. All may lie in an object store,
s3://BUCKET/PREFIX.

Options of pg_waldump:
  -b, --bkp-details        show block references in detail, each on a line of its own
  -B, --block=N            with --relation: only records that change block N
  -e, --end=LSN            stop before the first record that reaches beyond LSN
  -f, --follow             at the end of WAL wait for more
  -F, --fork=FORK          only records that change a block of this fork: main, fsm, vm or init
  -n, --limit=N            show N records at most
  -p, --path=PATH          folder to look for segments in, with all its subfolders, or a tar
                           file; of a data directory its pg_wal, of a repository of pgBackRest,
                           Barman or WAL-G its archive
                           (default: ., ./pg_wal, $PGDATA/pg_wal)
  -q, --quiet              print no records, only errors
  -r, --rmgr=RMGR          only records of this resource manager; --rmgr=list lists them
  -R, --relation=T/D/R     only records that change blocks of the relation with this
                           tablespace, database and relfilenode
  -s, --start=LSN          start at LSN, or at the first record after it
  -t, --timeline=TLI       timeline to read (default: that of STARTSEG, or 1)
  -V, --version            print the version
  -w, --fullpage           only records with a full-page image
  -x, --xid=XID            only records of the transaction XID
  -z, --stats[=record]     print statistics by resource manager, or by kind of record
      --save-fullpage=DIR  save all full-page images shown to DIR, which must be new or empty
  -?, --help               show this help

Options of walscan (-r, -R and -x may also be given several times):
      --json               print a JSON object for each record
      --since=TIME         start after the last transaction end before TIME
      --until=TIME         stop before the first commit or abort later than TIME
      --backup=PATH        print the names of relations, out of a base backup's catalogs; all
                           WAL since then must be beside STARTSEG, in the FOLDER or in --path;
                           of a repository the name of a backup, or latest
      --table=NAME         with --backup and --database: only records that change blocks of
                           this table
      --database=NAME      the database that the table is in
      --cipher-pass-file=FILE
                           a file with the passphrase of an encrypted repository
                           (default: the variable PGBACKREST_REPO1_CIPHER_PASS)
      --jobs=N             threads (default: as many as there are cores)
      --skip-damage        go on after damaged or missing WAL, and say what was skipped

Exit codes: 0 done; 1 any error; 3 some WAL was missing or skipped.
`;
