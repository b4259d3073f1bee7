import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NODE_READING } from '../../src/node/reading.js';
import { type BlockRun, readBlockMap } from '../../src/repos/pgbackrest/block-map.js';
import { deciphered } from '../../src/repos/pgbackrest/cipher.js';
import { readManifest } from '../../src/repos/pgbackrest/manifest.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { PORTABLE_READING } from '../../src/sources/reading.js';
import { WalError } from '../../src/wal/error.js';
import { encrypt, infoFile, type Json, Raw, SYSTEM_IDENTIFIER } from '../support/pgbackrest-repository.js';

it('of any bytes a block map has as many runs as bytes, or is an error', () => {
  const small = fc.uint8Array({ maxLength: 300 });
  const low = fc
    .array(fc.integer({ min: 0, max: 40 }), { maxLength: 300 })
    .map((all) => Uint8Array.from(all));
  fc.assert(
    fc.property(fc.oneof(small, low), (bytes) => {
      let runs: BlockRun[] = [];
      try {
        runs = readBlockMap(bytes, 8192, 6);
      } catch (error) {
        expect(error).toBeInstanceOf(WalError);
      }
      expect(runs.length).toBeLessThanOrEqual(bytes.length / 6);
      for (const run of runs) {
        for (const value of Object.values(run)) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
        expect(run.block * 8192).toBeLessThan(run.superBlockSize);
      }
    }),
    { numRuns: 5000 },
  );
});

it('whatever a manifest says, it is taken or an error that names it', async () => {
  const value = fc.oneof(
    fc.constantFrom<Json[]>(-1, 1.5, 1e300, 2 ** 53, '', 'x', '../x', true, [], {}),
    fc.nat(),
    fc.string(),
  );
  const keys = ['size', 'bi', 'bic', 'bim', 'bni', 'bno', 'checksum', 'reference', 'repo-size'];
  const line = fc.dictionary(fc.constantFrom(...keys), value as fc.Arbitrary<Json>);
  const path = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom('pg_data/a', 'pg_data/../a', 'pg_tblspc/1/a'),
  );
  const printable = path.map((one) => one.replace(/[\n[\]]/g, '_'));
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(printable, line),
      fc.constantFrom('full', 'other'),
      async (files, type) => {
        const bytes = infoFile({
          backup: { 'backup-label': '20261126-110908F', 'backup-type': type },
          'backup:db': { 'db-system-id': new Raw(SYSTEM_IDENTIFIER), 'db-version': '15' },
          'target:file': files,
        });
        try {
          const manifest = await readManifest(memorySource('/m', bytes), undefined, NODE_READING);
          for (const one of manifest.files.keys()) expect(one).not.toMatch(/(?:^|\/)\.\.?(?:\/|$)|^\//);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-repository', file: '/m' });
        }
      },
    ),
    { numRuns: 1000 },
  );
});

it('is deciphered in pieces of any size, by Node and without it', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), fc.integer({ min: 1, max: 40 }), async (some, raw, size) => {
      const plain = Buffer.concat(some);
      const stored = encrypt(plain, 'secret', raw);
      for (const reading of [NODE_READING, PORTABLE_READING]) {
        async function* cut(): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < stored.length; at += size) yield stored.subarray(at, at + size);
        }
        const given: Uint8Array[] = [];
        for await (const piece of deciphered(cut(), { passphrase: 'secret', raw }, reading))
          given.push(piece);
        expect(Buffer.concat(given).equals(plain)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
