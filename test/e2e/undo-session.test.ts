import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { type Ran, UndoLab } from '../support/undo-lab.js';

/** What may be set for somebody, and changes how values are read and printed. */
const SETTINGS = [
  `"DateStyle" = 'German, DMY'`,
  `"IntervalStyle" = 'sql_standard'`,
  `"TimeZone" = 'Asia/Kathmandu'`,
  `bytea_output = 'escape'`,
  `extra_float_digits = -5`,
  `standard_conforming_strings = off`,
  `backslash_quote = off`,
  `escape_string_warning = off`,
  `array_nulls = off`,
  `quote_all_identifiers = on`,
  `xmloption = document`,
  `client_encoding = 'LATIN1'`,
  `lc_monetary = 'C'`,
  `search_path = other, public`,
  `default_transaction_isolation = 'serializable'`,
];

const SETUP = `SET client_encoding = UTF8;
  CREATE ROLE owns LOGIN; CREATE ROLE may LOGIN;
  ${['owns', 'may'].flatMap((role) => SETTINGS.map((setting) => `ALTER ROLE ${role} SET ${setting};`)).join('\n')}
  CREATE SCHEMA "s'1"; GRANT USAGE, CREATE ON SCHEMA "s'1" TO owns; GRANT USAGE ON SCHEMA "s'1" TO may; CREATE SCHEMA other;
  GRANT USAGE ON SCHEMA other TO owns, may; CREATE TABLE other.t (x int); CREATE TABLE public.seen (x int);
  CREATE TYPE "s'1"."m""ood" AS ENUM ('très', 'e'); CREATE DOMAIN "s'1".small AS int CHECK (value < 100);
  SET ROLE owns;
  CREATE TABLE "s'1"."t "" ' \\ n" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "x'y" text, ts timestamptz, d date, i interval, b bytea,
    f float8, r real, m money, a text[], e "s'1"."m""ood", s "s'1".small, x xml, n numeric, p point,
    c regclass DEFAULT 'public.seen');
  INSERT INTO "s'1"."t "" ' \\ n" ("x'y", ts, d, i, b, f, r, m, a, e, s, x, n, p)
    SELECT E'ñandú \\\\ '' " \\n\\t é' || g, '2024-03-31 01:30:00.123456+00'::timestamptz + g * '1 hour'::interval, date '2024-02-01' + g,
      '1 year -2 days 03:04:05.6', '\\x005c27ff', g / 3.0, g / 3.0, 1234.5 * g, ARRAY[NULL, 'NULL', 'é', ''], 'très', g, '<a>é</a>b', g / 7.0,
      point(g, 1.1) FROM generate_series(1, 5) g;
  CREATE TABLE "s'1".bare AS SELECT * FROM "s'1"."t "" ' \\ n"; CREATE TABLE "s'1".child (id int, t int REFERENCES "s'1"."t "" ' \\ n" ON DELETE CASCADE);
  INSERT INTO "s'1".child SELECT g, g FROM generate_series(1, 5) g;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "s'1" TO may;
  GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA "s'1" TO may; RESET ROLE;`;

const TRANSACTIONS = [
  `UPDATE "s'1"."t "" ' \\ n" SET ts = ts + '1 day', i = NULL, b = '', f = f * 2, a = '{}', e = 'e', x = '<b/>', p = NULL WHERE id < 4;
   UPDATE "s'1".bare SET m = m * 2, r = 1e-10, "x'y" = NULL WHERE id > 1;`,
  `DELETE FROM "s'1"."t "" ' \\ n"; DELETE FROM "s'1".bare WHERE id < 3;`,
  `TRUNCATE "s'1"."t "" ' \\ n", "s'1".child, "s'1".bare; INSERT INTO "s'1"."t "" ' \\ n" ("x'y") VALUES ('ÿ');`,
];

describeServers('undo in a session of others, of a database in LATIN1,', (postgres) => {
  let lab: UndoLab;
  let before: Record<string, string[]>;
  let ran: Ran[];

  beforeAll(() => {
    lab = new UndoLab(postgres, SETUP, 'LATIN1');
    before = lab.rows("s''1");
    ran = TRANSACTIONS.map((sql) => lab.run(`SET client_encoding = UTF8;\n${sql}`));
    lab.keepWal();
  });

  afterAll(() => lab.remove());

  it.each([['owns'], ['may']])('by somebody who %s the tables', async (user) => {
    const { bytes } = await lab.undo(ran.flatMap(({ xids }) => xids.flatMap((xid) => ['--xid', xid])));
    const copy = lab.copy();
    const { warnings, isDone } = lab.apply(bytes, copy, user);
    expect({ warnings, isDone }).toEqual({ warnings: [''], isDone: true });
    expect(lab.rows("s''1", copy)).toEqual(before);
    lab.dropCopy(copy);
  });

  it('and SQL of changes does them again', async () => {
    const { bytes, told } = await lab.changes(['--format', 'sql']);
    const copy = lab.copy('base');
    const { warnings, isDone } = lab.apply(bytes, copy, 'owns');
    expect({ told, warnings, isDone }).toEqual({ told: '', warnings: [''], isDone: true });
    expect(lab.rows("s''1", copy)).toEqual(lab.rows("s''1"));
  });
});
