/** A mistake that is easily made, and what is to be said of it. */
export interface Mistake {
  /** As it is typed; `{NAME}` is a place that the test makes. */
  line: string;
  /** What is wrong: the thing is named. */
  what: RegExp;
  /** Where: the file, the option, the position. */
  where: RegExp;
  /** How to go on. */
  next: RegExp;
  /** Default 2. */
  code?: number;
}

const LAB = 'testdata/lab/18';
const ROWS = 'testdata/rows/18';
const BACKUP = `--backup ${ROWS}/base.tar.gz`;
const TABLE = '--table t_many --database ventas_db';

/** About arguments. */
const USAGE: Mistake[] = [
  {
    line: 'finds-commit x',
    what: /unknown command/,
    where: /'finds-commit'/,
    next: /Did you mean find-commit\?.*walscan --help/,
  },
  {
    line: 'find-comit x',
    what: /unknown command/,
    where: /'find-comit'/,
    next: /Did you mean find-commit\?/,
  },
  { line: 'serve', what: /unknown command/, where: /'serve'/, next: /walscan --help/ },
  {
    line: `find-commit --rell 3 ${LAB}`,
    what: /unknown option/,
    where: /'--rell'/,
    next: /Did you mean --rel\?.*walscan find-commit --help/,
  },
  {
    line: `--json incidents ${LAB}`,
    what: /unknown option/,
    where: /'--json'/,
    next: /goes behind it, as in 'walscan <command> --json'/,
  },
  {
    line: `incidents --zzzzzz ${LAB}`,
    what: /unknown option/,
    where: /'--zzzzzz'/,
    next: /incidents --help/,
  },
  { line: 'changes', what: /is missing/, where: /<path>/, next: /walscan changes --help/ },
  { line: `plan ${ROWS} --lsn`, what: /needs a value/, where: /--lsn <lsn>/, next: /plan --help/ },
  { line: 'sql', what: /has to be given/, where: /--facts/, next: /walscan sql --help/ },
  { line: 'control a b', what: /too many arguments: 2/, where: /may be 1/, next: /control --help/ },
  {
    line: `find-commit --rel 16386 --start zz ${LAB}`,
    what: /"zz": it is no LSN/,
    where: /--start/,
    next: /give one such as 0\/04000680/,
  },
  {
    line: `incidents --min-rows 0 ${LAB}`,
    what: /"0": it is no whole number/,
    where: /--min-rows/,
    next: /give one such as/,
  },
  {
    line: `incidents --jobs many ${LAB}`,
    what: /"many"/,
    where: /--jobs/,
    next: /give one such as 4/,
  },
  {
    line: `incidents --tz Mars/Olympus ${LAB}`,
    what: /"Mars\/Olympus": it is no time zone/,
    where: /--tz/,
    next: /such as Europe\/Madrid/,
  },
  {
    line: `incidents --utc --tz Europe/Madrid ${LAB}`,
    what: /cannot be used with/,
    where: /'--utc'.*'--tz/,
    next: /leave one of them out/,
  },
  {
    line: `incidents --lang fr ${LAB}`,
    what: /"fr"/,
    where: /--lang/,
    next: /give one of en, es/,
  },
  {
    line: `incidents --since someday ${LAB}`,
    what: /"someday": it is no time/,
    where: /--since/,
    next: /such as 2025-12-24/,
  },
  {
    line: `incidents --since 2026-12-01 --until 2026-11-01 ${LAB}`,
    what: /2026-12-01T00:00:00.* is later than/,
    where: /since.*until/,
    next: /nothing lies between/,
  },
  {
    line: `changes --xid 2 ${ROWS}`,
    what: /"2": it is no transaction id/,
    where: /--xid/,
    next: /such as 756/,
  },
  { line: `changes --format yaml ${ROWS}`, what: /"yaml"/, where: /--format/, next: /json, sql, csv/ },
  {
    line: `changes --order lsn --format sql ${ROWS}`,
    what: /SQL does the changes in the order of the commits/,
    where: /--order lsn/,
    next: /use .*--format json or csv/,
  },
  {
    line: `changes --start 0/4000000 --end 0/3000000 ${ROWS}`,
    what: /0\/04000000.* is later than/,
    where: /start.*end/,
    next: /nothing lies between/,
  },
  {
    line: `undo ${ROWS}`,
    what: /what is to be undone/,
    where: /transactions, or since when/,
    next: /say/,
  },
  {
    line: `find-commit --rel abc ${LAB}`,
    what: /"abc" is no relation/,
    where: /abc/,
    next: /give its relfilenode, such as 16386/,
  },
  { line: `find-commit ${LAB}`, what: /give either/, where: /--rel or --table/, next: /give/ },
  {
    line: `find-commit --rel 16386 --start 0/5000000 --end 0/4000000 ${LAB}`,
    what: /0\/04000000 has to be after/,
    where: /--end.*--start/,
    next: /has to be/,
  },
  {
    line: `find-commit --table t_many ${BACKUP} ${ROWS}`,
    what: /needs --database/,
    where: /--table/,
    next: /the name of the database that the table is in/,
  },
  {
    line: `find-commit ${TABLE} ${ROWS}`,
    what: /only with a base backup/,
    where: /by its name/,
    next: /give --backup/,
  },
  {
    line: `rows ${TABLE} --deleted-by x ${BACKUP} ${ROWS}`,
    what: /"x": it is no transaction id/,
    where: /--deleted-by/,
    next: /such as 756/,
  },
  {
    line: `rows --rel 16431 --deleted-by last --columns id ${ROWS}`,
    what: /cannot read "id"/,
    where: /columns/,
    next: /as in "id int4"/,
  },
  {
    line: `rows --rel 16431 --as-of latest --format csv -x ${ROWS}`,
    what: /--expanded goes with/,
    where: /--expanded/,
    next: /--format table/,
  },
  {
    line: `rows --rel 16431 --as-of latest ${ROWS}`,
    what: /without a backup/,
    where: /the table and its columns/,
    next: /--rel 16386 --columns "id int4, name text"; or give --backup/,
  },
  {
    line: `rows --rel 16431 --deleted-by last --history ${ROWS}`,
    what: /give one of/,
    where: /--deleted-by, --as-of and --history/,
    next: /give/,
  },
  {
    line: `plan --latest --immediate ${BACKUP} ${ROWS}`,
    what: /give one of/,
    where: /--immediate and --latest/,
    next: /plan --help/,
  },
  {
    line: `plan --latest ${ROWS}`,
    what: /needs a base backup/,
    where: /plan/,
    next: /give --backup/,
  },
  {
    line: `archive --backup latest ${ROWS}`,
    what: /goes with --verify only/,
    where: /--backup/,
    next: /--verify/,
  },
  {
    line: `report ${ROWS}`,
    what: /where the page is to go/,
    where: /-o/,
    next: /-o report\.html/,
  },
];

/** About files. */
const FILES: Mistake[] = [
  ...['find-commit --rel 1', 'changes', 'archive', 'plan --latest --backup'].map((begin): Mistake => {
    return {
      line: `${begin} {nowhere} ${begin.endsWith('backup') ? ROWS : ''}`.trim(),
      what: /no such file or folder/,
      where: /cannot read \S+\/nowhere/,
      next: /check the path/,
    };
  }),
  {
    line: 'find-commit --rel 1 {empty}',
    what: /only 0 bytes/,
    where: /empty\/000000010000000000000002/,
    next: /another copy/,
  },
  {
    line: 'find-commit --rel 1 {garbage}',
    what: /does not begin with a WAL page \(magic \w+\)/,
    where: /garbage\/000000010000000000000002/,
    next: /give WAL segments/,
  },
  {
    line: 'incidents {others}',
    what: /no WAL segment/,
    where: /others/,
    next: /give pg_wal, the folder/,
  },
  {
    line: 'find-commit --rel 1 {two}',
    what: /different clusters: .*system identifier 7710937021724970751/,
    where: /two\/000000010000000000000002\.gz/,
    next: /give the files of one cluster/,
  },
  {
    line: `incidents ${ROWS}/base.tar.gz`,
    what: /no WAL segment/,
    where: /base\.tar\.gz/,
    next: /give pg_wal/,
  },
  {
    line: `plan --latest --backup ${ROWS}/000000010000000000000002.gz ${ROWS}`,
    what: /no base backup/,
    where: /000000010000000000000002\.gz/,
    next: /give a data folder, base\.tar/,
  },
  {
    line: `find-commit ${TABLE} --backup ${LAB}/base.tar.gz ${ROWS}`,
    what: /different clusters/,
    where: /testdata\/lab\/18\/base\.tar\.gz/,
    next: /give a backup of the cluster/,
  },
  {
    line: `control ${ROWS}/000000010000000000000002.gz`,
    what: /WAL, and no pg_control|no pg_control/,
    where: /000000010000000000000002\.gz/,
    next: /give a pg_control|PG_VERSION may tell/,
  },
  {
    line: 'incidents {encrypted}',
    what: /is encrypted by pgBackRest/,
    where: /archive\.info/,
    next: /--cipher-pass-file|PGBACKREST_REPO1_CIPHER_PASS|repo-get/,
  },
  {
    line: `incidents --cipher-pass-file {nowhere} ${ROWS}`,
    what: /no such file or folder/,
    where: /nowhere/,
    next: /check the path/,
  },
  {
    line: 'sql --facts {others} "select 1"',
    what: /no facts/,
    where: /others/,
    next: /walscan facts -o/,
  },
  {
    line: `incidents --facts {others}`,
    what: /no facts of WAL/,
    where: /others/,
    next: /walscan facts -o/,
  },
  {
    line: `report -o {nowhere}/x.html ${ROWS}`,
    what: /No such file or directory/,
    where: /cannot write \S+nowhere\/x\.html/,
    next: /name a file in a folder/,
  },
];

/** About what is not there. */
const NOT_FOUND: Mistake[] = [
  {
    line: `find-commit --rel 16386 --timeline 7 ${LAB}`,
    what: /no WAL of timeline 7/,
    where: /only of 1, 2/,
    next: /--timeline/,
  },
  {
    line: `changes --timeline 9 ${ROWS}`,
    what: /no WAL of timeline 9/,
    where: /only of 1/,
    next: /--timeline/,
  },
  {
    line: `find-commit --table t_man --database ventas_db ${BACKUP} ${ROWS}`,
    what: /no table t_man/,
    where: /in the backup, nor in the WAL/,
    next: /the most alike of those that there are: t_many, /,
  },
  {
    line: `rows --table t_man --database ventas_db --as-of latest ${BACKUP} ${ROWS}`,
    what: /no table t_man/,
    where: /at that moment/,
    next: /there are: t_many, /,
    code: 1,
  },
  {
    line: `changes --table t_man --database ventas_db ${BACKUP} ${ROWS}`,
    what: /no table t_man/,
    where: /database that is meant/,
    next: /there are: t_many, /,
    code: 3,
  },
  {
    line: `find-commit --table t_many --database ventas ${BACKUP} ${ROWS}`,
    what: /no database ventas/,
    where: /ventas/,
    next: /there are: ventas_db/,
  },
  {
    line: `rows --table t_many --database ventas --as-of latest ${BACKUP} ${ROWS}`,
    what: /no database ventas/,
    where: /ventas/,
    next: /there are: ventas_db, postgres/,
  },
  {
    line: `plan --before-delete --rel 99999 ${BACKUP} ${ROWS}`,
    what: /no committed transaction/,
    where: /here/,
    next: /walscan incidents/,
    code: 1,
  },
  {
    line: `rows --rel 99999 --as-of latest ${BACKUP} ${ROWS}`,
    what: /no table has that file/,
    where: /at that moment/,
    next: /pg_relation_filenode|--table/,
    code: 1,
  },
  {
    line: `changes --xid 99999 ${BACKUP} ${ROWS}`,
    what: /transaction 99999 has no record/,
    where: /the next transaction to begin is 812/,
    next: /check the id, or give the WAL that follows/,
    code: 3,
  },
  {
    line: `changes --since 2027-01-01 ${BACKUP} ${ROWS}`,
    what: /no such change/,
    where: /0\/02000000 to 0\/04000000/,
    next: /transactions ended in it from .* to 2026-11-22 10:13:48\.570966 UTC \(transaction 811 at 0\/03141610\)/,
    code: 1,
  },
  {
    line: `undo --since 2027-01-01 ${BACKUP} ${ROWS}`,
    what: /nothing to undo/,
    where: /0\/02000000 to 0\/04000000/,
    next: /to 2026-11-22 10:13:48\.570966 UTC/,
    code: 1,
  },
  {
    line: `rows ${TABLE} --as-of 2027-01-01 ${BACKUP} ${ROWS}`,
    what: /does not reach a transaction that ended after 2027-01-01/,
    where: /ends at 0\/04000000, and the last transaction in it at 2026-11-22T10:13:48\.570966Z/,
    next: /give the WAL that follows/,
    code: 3,
  },
  {
    line: `rows ${TABLE} --as-of 2020-01-01 ${BACKUP} ${ROWS}`,
    what: /2020-01-01T00:00:00/,
    where: /before the backup/,
    next: /take an older backup/,
    code: 3,
  },
  {
    line: `rows ${TABLE} --as-of 9/0 ${BACKUP} ${ROWS}`,
    what: /does not reach 9\/00000000/,
    where: /ends at 0\/04000000/,
    next: /give the WAL that follows/,
    code: 3,
  },
  {
    line: `rows ${TABLE} --as-of nopoint ${BACKUP} ${ROWS}`,
    what: /restore point "nopoint"/,
    where: /ends at 0\/04000000/,
    next: /no restore point in it|restore points in it/,
    code: 3,
  },
];

export const MISTAKES: readonly Mistake[] = [...USAGE, ...FILES, ...NOT_FOUND];
