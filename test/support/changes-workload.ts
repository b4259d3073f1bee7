/** SQL that changes rows in every way that there is, and much around it that must not look like a change. */

/** Before the backup. */
export const before = (version: number): string => `
  create type mood as enum ('sad', 'ok');
  create domain small as int check (value < 1000000);
  create type pair as (a int, b text);
  create table sub (i int primary key, v text);
  insert into sub select g, 'sub' || g from generate_series(1, 20) g;
  create table toasty (i int primary key, n int, big text, other text, raw bytea);
  alter table toasty alter other set storage external;
  insert into toasty select g, 0,
    (select string_agg(md5((g * 1000 + h)::text), '') from generate_series(1, 200) h),
    (select string_agg(md5((g * 7 + h)::text), '') from generate_series(1, 300) h), decode(md5(g::text), 'hex')
    from generate_series(1, 12) g;
  create table hot (i int primary key, n int) with (fillfactor = 50);
  insert into hot select g, g from generate_series(1, 100) g;
  create table parent (i int primary key);
  insert into parent select generate_series(1, 5);
  create table child (i int references parent);
  create table cut1 (i serial, v text);
  insert into cut1 (v) select 'c' from generate_series(1, 10);
  create table cut2 (i int, v text);
  insert into cut2 select g, repeat('x', 3000) from generate_series(1, 5) g;
  create table dropped (i int, v text);
  insert into dropped values (1, 'a');
  create table rewritten (i int primary key, v text);
  insert into rewritten select g, 'r' || g from generate_series(1, 50) g;
  create table defaults (i int);
  insert into defaults select generate_series(1, 5);
  alter table defaults add column early text default 'early';
  create table types (i int, m mood, d small, p pair, a int[], t text[], r int4range, n numeric, f float8, b bool,
    ts timestamptz, iv interval, j jsonb, by bytea, u uuid, c "char", bp char(5), vb varbit, ip inet);
  insert into types values (1, 'sad', 5, '(1,"x y")', '{1,2}', '{a,"b c"}', '[1,5)', 1.50, 'NaN', true,
    '2024-02-03 04:05:06.7+00', '1 day', '{"a": [1, null]}', '\\x00ff', '00000000-0000-0000-0000-000000000001', 'c',
    'ab', '101', '10.0.0.1');
  create table part (i int, v text) partition by range (i);
  create table part_a partition of part for values from (0) to (100);
  create table part_b partition of part for values from (100) to (200);
  insert into part select g, 'p' from generate_series(90, 110) g;
  create table base (i int, v text);
  create table heir (w int) inherits (base);
  insert into heir values (1, 'h', 1); insert into base values (2, 'b');
  create table ren__1 (i int, old__1 text);
  insert into ren__1 values (1, 'a');
  create schema s1;
  create table s1.moved (i int);
  insert into s1.moved values (1);
  create table gen (i int, g int generated always as (i * 2) stored, id int generated always as identity);
  insert into gen (i) values (1), (2);
  ${version >= 18 ? 'create table virt (i int, g int generated always as (i * 2) virtual); insert into virt (i) values (1);' : ''}
  ${version >= 14 ? "create table multi (i int, m int4multirange); insert into multi values (1, '{[1,2),[5,9)}');" : ''}
  create unlogged table unlogged (i int);
  create materialized view mv as select i, v from sub;
  create unique index on mv (i);
  create table keyed (k int primary key, v text);
  create table lost (i int, v text);
  insert into lost values (1, 'stays');
  vacuum full pg_class; vacuum full pg_attribute; vacuum full pg_type; vacuum full pg_database; vacuum full pg_authid;`;

/** Prints rows of two columns, for COPY. */
const MANY_ROWS = 'seq 1 2000 | sed "s/.*/&\\t&-&-&/"';

/** After the backup: each a script of its own. */
export const steps = (version: number, hasLz4: boolean): readonly string[] => [
  `begin; insert into sub values (100, 'x'); savepoint a; update sub set v = 'gone' where i = 1; rollback to a;
   savepoint b; update sub set v = 'kept' where i = 2; savepoint c; delete from sub where i = 3; release c; release b;
   savepoint d; insert into sub values (101, 'no'); rollback to d; update sub set i = 102 where i = 100; commit;`,
  `begin; update sub set v = 'aborted'; delete from sub where i = 5; rollback;`,
  `begin; update sub set v = 'two' where i = 6; savepoint x; insert into sub values (200, '2pc'); release x; prepare transaction 'yes';`,
  `begin; update sub set v = 'never' where i = 7; create table never (i int); insert into never values (1); prepare transaction 'no';`,
  `insert into sub values (8, 'conflict'), (300, 'new') on conflict (i) do update set v = excluded.v || '!';
   insert into sub values (9, 'conflict'), (301, 'new') on conflict do nothing;`,
  // an index that has another row inserted while one is, so that what was inserted on approval is taken back
  `create table races (i int, v text); create function other_row(int) returns int language plpgsql as $$ begin
     if current_setting('races.done', true) is distinct from 'yes' then
       perform set_config('races.done', 'yes', false); insert into races values ($1, 'other');
     end if; return $1; end $$;
   create function race(int) returns int immutable language plpgsql as $$ begin execute 'select other_row($1)' using $1; return $1; end $$;
   create index on races (race(i)); alter table races add primary key (i);
   begin; insert into races values (1, 'taken back') on conflict (i) do nothing; insert into races values (2, 'approved') on conflict (i) do nothing; commit`,
  `commit prepared 'yes'`,
  `rollback prepared 'no'`,
  version >= 15
    ? `merge into sub using (values (10, 'm'), (11, 'd'), (400, 'i')) s(i, v) on sub.i = s.i when matched and s.v = 'd' then
       delete when matched then update set v = s.v when not matched then insert values (s.i, s.v)`
    : 'select 1',
  `create table copied (i int, v text);
   insert into copied select g, repeat('c', g % 50) from generate_series(1, 2000) g;`,
  `checkpoint; copy copied from program '${MANY_ROWS}'; delete from copied where i % 3 = 0; vacuum copied;
   copy copied from program '${MANY_ROWS}'; begin; copy copied from program '${MANY_ROWS}'; rollback;`,
  `begin; create table copied2 (i int, v text); copy copied2 from program '${MANY_ROWS}' with (freeze); commit`,
  `update hot set n = n + 1; update hot set n = n + 1 where i % 2 = 0; vacuum hot; update hot set n = 0 where i < 50;
   checkpoint; update hot set n = 1 where i < 10; update hot set n = 7 where i = 2; delete from hot where i = 1`,
  `begin; select * from parent where i = 1 for key share; savepoint k; select * from parent where i = 1 for update; rollback to k;
   insert into child values (1); update parent set i = 1 where i = 1; commit;
   begin; select * from sub where i = 12 for share; update sub set v = 'locked' where i = 12; commit`,
  `update toasty set n = n + 1; update toasty set n = 5 where i < 4; update toasty set other = 'short' where i = 2;
   update toasty set big = (select string_agg(md5(h::text), '') from generate_series(1, 100) h) where i = 3;
   delete from toasty where i = 4; begin; delete from toasty where i = 5; rollback; update toasty set n = 9 where i = 5;
   vacuum toasty; insert into toasty select g, 1, repeat('z', 100000), repeat('y', 9000), '' from generate_series(20, 22) g;
   update toasty set n = 2 where i >= 20;`,
  hasLz4
    ? `create table lz (i int, v text compression lz4); insert into lz select g, repeat('abc', 5000) || g from generate_series(1, 3) g;
       insert into lz select 9, string_agg(md5(g::text), '') from generate_series(1, 500) g; update lz set i = i + 10; delete from lz where i = 11;`
    : 'select 1',
  `begin; delete from cut1 where i = 1; truncate cut1 restart identity; insert into cut1 (v) values ('after');
   truncate cut1; insert into cut1 (v) values ('again'); commit`,
  `truncate cut2; insert into cut2 values (1, 'again')`,
  `begin; truncate cut2; insert into cut2 values (2, 'no'); rollback; update cut2 set v = 'kept'`,
  `begin; create table cut3 (i int); insert into cut3 values (1); truncate cut3; insert into cut3 values (2); truncate cut3;
   insert into cut3 values (3); commit; insert into cut3 values (4)`,
  `begin; savepoint s; truncate cut3; insert into cut3 values (5); rollback to s; insert into cut3 values (6); commit`,
  `begin; truncate cut2; savepoint s; truncate cut2; insert into cut2 values (7, repeat('y', 3000)); truncate cut2; release s;
   insert into cut2 values (8, 'kept'); savepoint t; truncate cut2; rollback to t; savepoint u; truncate cut2; insert into cut2 values (9, 'u');
   commit; delete from cut2; vacuum cut2; insert into cut2 values (10, 'v')`,
  `begin; create table cut4 (i int, v text); insert into cut4 values (1, 'no'); savepoint s; truncate cut4; insert into cut4 values (2, 'yes'); commit`,
  `begin; truncate cut4; insert into cut4 values (3, 'no'); truncate cut4; alter table cut4 add w int default 4; insert into cut4 values (5, 'yes', 6);
   truncate cut4; insert into cut4 values (7, 'yes', 8); alter table cut4 rename to cut4__2; commit`,
  `begin; create table cut5 (i int); insert into cut5 values (1); savepoint s; truncate cut5; drop table cut5; commit`,
  `begin; truncate cut4__2; insert into cut4__2 values (9, 'new', 9); drop table cut4__2; commit`,
  `begin; insert into dropped values (2, 'b'); drop table dropped; create table dropped (z text); insert into dropped values ('new'); commit`,
  `begin; drop table dropped; rollback; insert into dropped values ('still')`,
  `update rewritten set v = 'x' where i = 1; vacuum full rewritten; update rewritten set v = 'y' where i = 2;
   cluster rewritten using rewritten_pkey; delete from rewritten where i = 3;`,
  `begin; update rewritten set v = 'z' where i = 4; alter table rewritten alter i type bigint; update rewritten set v = 'w' where i = 5;
   delete from rewritten where i = 6; commit; update rewritten set v = 'q' where i = 7`,
  `begin; truncate rewritten; insert into rewritten values (1, 'n'); alter table rewritten alter v type varchar(40);
   insert into rewritten values (2, 'n'); commit`,
  `begin; alter table rewritten alter v type text using v || '!'; rollback; update rewritten set v = 'u' where i = 2`,
  `update defaults set early = 'changed' where i = 1; alter table defaults add column late int default 42;
   update defaults set early = 'late' where i = 2; alter table defaults add column j numeric default 1.25; delete from defaults where i = 3;
   alter table defaults drop column early; update defaults set late = 1 where i = 4; insert into defaults values (6);
   begin; alter table defaults add column x text default 'x'; update defaults set late = 3; rollback; update defaults set late = 5 where i = 5;`,
  `alter type mood add value 'glad'; `,
  `insert into types values (2, 'glad', 6, '(2,)', '{}', null, 'empty', 'Infinity'::float8::text::numeric, '-Infinity', false,
     'infinity', '-1 mon 00:00:01', 'null', '', null, '', '', '', '::1');
   update types set m = 'glad', n = 1e30, a = '[0:1]={5,6}' where i = 1; alter type mood rename value 'sad' to 'blue'; update types set m = 'blue';
   insert into types (i) values (3); update types set f = 1e300 where i = 3;
   create type trio as (a int, b text); create table trios (p trio); alter type trio add attribute c int; insert into trios values ('(1,b,3)');`.replace(
    "'Infinity'::float8::text::numeric",
    version >= 14 ? "'Infinity'" : "'NaN'",
  ),
  `update part set i = i + 50 where i < 105; update part set v = 'q' where i > 150; delete from part where i = 99;`,
  `create table part_c (extra int, v text, i int); alter table part_c drop column extra; insert into part_c values ('c', 250);
   alter table part attach partition part_c for values from (200) to (300); update part set i = 255 where i = 108; update part set v = 'c2' where i = 250;
   alter table part detach partition part_c; insert into part_c values ('d', 1); truncate part`,
  `update base set v = 'all'; alter table base add column n int default 3; update base set n = 4 where i = 1; delete from base where i = 2`,
  `insert into ren__1 values (2, 'b'); alter table ren__1 rename to ren__2; update ren__2 set old__1 = 'c' where i = 1;
   begin; update ren__2 set old__1 = 'd' where i = 2; alter table ren__2 rename old__1 to old__2; update ren__2 set old__2 = 'e' where i = 2;
   alter table ren__2 rename to ren__3; insert into ren__3 values (3, 'f'); commit; update ren__3 set old__2 = 'g' where i = 3;
   begin; alter table ren__3 rename to ren__4; insert into ren__4 values (4, 'no'); rollback; insert into ren__3 values (5, 'h')`,
  `insert into s1.moved values (2); alter schema s1 rename to s2; insert into s2.moved values (3); alter table s2.moved set schema public;
   update moved set i = 10 where i = 1`,
  `insert into gen (i) values (3); update gen set i = 20 where i = 2; delete from gen where i = 1;`,
  version >= 18
    ? `insert into virt (i) values (2); update virt set i = 7 where i = 1; alter table virt add column h int; update virt set h = 1`
    : 'select 1',
  version >= 14
    ? `update multi set m = '{}' where i = 1; insert into multi values (2, '{[1,)}'); create type fr as range (subtype = float8);
       create table ranges (i int, r fr, m fr_multirange); insert into ranges values (1, '[1.5,2)', '{[1,2)}')`.replace(
        'fr_multirange',
        'fr_multirange',
      )
    : 'select 1',
  `insert into unlogged values (1); create temp table tmp (i int); insert into tmp values (1); update tmp set i = 2; truncate tmp;`,
  `refresh materialized view mv; update sub set v = 'm' where i = 13; refresh materialized view concurrently mv;`,
  `select pg_replication_origin_create('far'); select pg_replication_origin_session_setup('far');
   insert into keyed values (1000, 'origin'); select pg_replication_origin_session_reset()`,
  `vacuum full pg_class; vacuum full pg_attribute; vacuum full pg_type; vacuum full pg_namespace; insert into sub values (500, 'after'); reindex table pg_class;
   create table late (i int, v text default 'd'); insert into late values (1); cluster pg_class using pg_class_oid_index; insert into late values (2)`,
  `begin; create table t1 (i int); insert into t1 values (1); savepoint q; alter table t1 add j int default 5; insert into t1 values (2); rollback to q; insert into t1 values (3); commit`,
  ...(version >= 19
    ? [
        `repack rewritten; update rewritten set v = 'repacked'; delete from toasty where i = 1; repack toasty; update toasty set n = 77 where i = 2`,
      ]
    : []),
];
