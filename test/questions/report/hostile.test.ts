import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readReport } from '../../../src/node/questions.js';
import { reportJson } from '../../../src/questions/report/json.js';
import { filesOf, folderOf } from '../../support/folder.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import { abort, assign, commit, insert, rel } from '../../support/workload.js';

const schema = new Ajv2020({ strict: true, allowUnionTypes: true });
for (const file of readdirSync('docs/schema')) {
  schema.addSchema(JSON.parse(readFileSync(`docs/schema/${file}`, 'utf8')));
}
const isReport = schema.getSchema(
  (JSON.parse(readFileSync('docs/schema/report.json', 'utf8')) as { $id: string }).$id,
)!;

const xid = fc.oneof(fc.constantFrom(1, 2, 3, 0xffff_ffff), fc.nat(0xffff_ffff));
const time = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 0n, 800_000_000_000_000n),
);
const relNumber = fc.nat(0xffff_ffff);

/** Records whose checksums are right, and of which nothing else need be. */
const record: fc.Arbitrary<RecordInput> = fc.oneof(
  fc.tuple(xid, relNumber).map(([of, number]) => insert(of, { rel: rel(number) })),
  fc.tuple(xid, time).map(([of, at]) => commit(of, at)),
  fc.tuple(xid, time).map(([of, at]) => abort(of, at)),
  fc.tuple(xid, xid).map(([of, sub]) => assign(of, [sub])),
  fc
    .tuple(xid, fc.constantFrom(0, 1, 8), fc.nat(15), fc.uint8Array({ maxLength: 120 }))
    .map(([of, rmid, info, main]): RecordInput => ({ rmid, info: info << 4, xid: of, main })),
);

it('of records that say anything is as its schema has it, and adds up', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 60 }),
      fc.option(time, { nil: undefined }),
      fc.option(time, { nil: undefined }),
      fc.constantFrom(12, 15, 17, 18),
      async (records, one, other, version) => {
        const isSwapped = one !== undefined && other !== undefined && one > other;
        const [since, until] = isSwapped ? [other, one] : [one, other];
        const writer = new WalWriter({ version });
        for (const one of records) writer.append(one);
        const folder = folderOf(filesOf(writer.segments));
        const report = reportJson(await readReport(folder, { minRows: 1, since, until }));
        isReport(report);
        expect(isReport.errors ?? []).toEqual([]);
        const { rmgrs, relations, transactions, overTime } = report.wal;
        const recordsOf = (all: readonly { records: number }[]): number =>
          all.reduce((sum, one) => sum + one.records, 0);
        const all = recordsOf(rmgrs);
        expect(recordsOf([...relations.largest, relations.others, relations.none])).toBe(all);
        expect(recordsOf([...transactions.largest, transactions.others, transactions.none])).toBe(all);
        if (overTime === null) return;
        expect(overTime.steps).toBeLessThanOrEqual(1000);
        expect(overTime.records.reduce((a, b) => a + b) + (overTime.elsewhere?.records ?? 0)).toBe(all);
      },
    ),
    { numRuns: 60 },
  );
});
