import { describe, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

/** A text and a name as the server is told them, the bytes of the name, and the text in JSON: bytes that are no UTF-8 escaped. */
const ENCODINGS = [
  {
    encoding: 'LATIN1',
    literal: "'é×ÿ'",
    name: 'é×ÿ',
    bytes: 'e9d7ff',
    json: String.raw`\udce9\udcd7\udcff`,
  },
  // in the middle of it are two bytes that would be a character of UTF-8
  {
    ...{ encoding: 'EUC_JP', literal: "'日本語'", name: '日本語', bytes: 'c6fccbdcb8ec' },
    json: String.raw`\udcc6\udcfc\udccb${'\u0738'}\udcec`,
  },
  {
    ...{ encoding: 'SQL_ASCII', literal: String.raw`E'\xe9日\xff'`, name: '日', bytes: 'e697a5' },
    json: String.raw`\udce9日\udcff`,
  },
];

const setup = (text: string, name: string, client: string): string => `
  ALTER ROLE postgres SET client_encoding = ${client}; SET client_encoding = ${client}; CREATE SCHEMA s;
  CREATE TYPE s.e AS ENUM ('${name}', 'b');
  CREATE TABLE s."t${name}" (i int PRIMARY KEY, "c${name}" text, a text[], x varchar(20), n name, e s.e, b "char");
  INSERT INTO s."t${name}" SELECT g, ${text}, ARRAY[${text}, NULL, ${text} || ',"'], ${text}, ${text}, '${name}', E'\\\\306' FROM generate_series(1, 5) g;
  CREATE TABLE s.bare AS SELECT * FROM s."t${name}";`;

const work = (text: string, name: string): string => `
  UPDATE s."t${name}" SET x = x || ${text}, e = 'b', b = chr(100)::"char" WHERE i < 3; DELETE FROM s."t${name}" WHERE i = 4;
  UPDATE s."t${name}" SET "c${name}" = repeat(${text}, 2000) WHERE i = 5;
  DELETE FROM s.bare WHERE i = 2; UPDATE s.bare SET a = ARRAY[${text}] WHERE i = 3;
  INSERT INTO s."t${name}" (i, x) VALUES (77, ${text});`;

describeServers('of a database that is not in UTF-8,', (postgres) => {
  describe.each(ENCODINGS)('but in $encoding,', ({ encoding, literal, name, bytes, json }) => {
    it('changes and their undo have the bytes of the database', async () => {
      const client = encoding === 'SQL_ASCII' ? encoding : 'UTF8';
      const lab = new UndoLab(postgres, setup(literal, name, client), encoding);
      try {
        const before = lab.rows('s');
        const { xids } = lab.run(work(literal, name));
        const after = lab.rows('s');
        lab.keepWal();

        const undone = lab.copy();
        const { warnings } = lab.apply((await lab.undo(xids.flatMap((xid) => ['--xid', xid]))).bytes, undone);
        expect(warnings).toEqual(['']);
        expect(lab.rows('s', undone)).toEqual(before);

        const again = lab.copy('base');
        lab.apply((await lab.changes(['--format', 'sql'])).bytes, again);
        expect(lab.rows('s', again)).toEqual(after);

        const inserted = (await lab.changes([])).script
          .split('\n')
          .find((line) => line.includes('"action":"I"'));
        expect(inserted).toContain(`"name":"x","type":"character varying(20)","value":"${json}"`);
        const csv = await lab.changes(['--format', 'csv']);
        const line = Buffer.from(csv.bytes).toString('latin1').trimEnd().split('\n').at(-1);
        expect(line).toContain(`,lab,s,t${Buffer.from(bytes, 'hex').toString('latin1')},insert,`);
        expect(line).toContain(`""x"":""${Buffer.from(json).toString('latin1')}""`);
      } finally {
        lab.remove();
      }
    });
  });
});
