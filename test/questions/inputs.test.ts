import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ByteSource, FolderEntry, Input, Progress, SourceFolder } from '../../src/index.js';
import * as portable from '../../src/index.js';
import * as node from '../../src/node.js';
import { folderOf } from '../support/folder.js';

const FOLDER = 'testdata/lab/18';
const BACKUP = `${FOLDER}/base.tar.gz`;
const NAMES = readdirSync(FOLDER).filter((name) => /^[0-9A-F]{8}.*\.gz$/.test(name));

const bytesOf = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(`${FOLDER}/${name}`));

interface Told {
  backup?: Input;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

type Entry = Pick<
  typeof portable,
  'findCommit' | 'findIncidents' | 'examineArchive' | 'findMoment' | 'planRecovery' | 'recoverRows'
>;

const table = { table: 'inventarios', database: 'test' };
const rowsOf = (rows: portable.RecoveredRows): string => {
  try {
    return [...portable.formatRows(rows, 'csv', true)].join('');
  } finally {
    rows.close();
  }
};

/** Every question; an answer is what can be compared. */
const QUESTIONS: Record<
  string,
  (entry: Entry, inputs: Input[], options: Told & { backup: Input }) => Promise<unknown>
> = {
  findCommit: async (entry, inputs, { backup: _, ...options }) => {
    const found = await entry.findCommit(inputs, { relation: '16386', ...options });
    // but for the places, which are named as they were given
    return portable.findCommitJson({ ...found, places: [], backups: [] });
  },
  findIncidents: async (entry, inputs, options) =>
    (await entry.findIncidents(inputs, { minRows: 1, ...options })).incidents,
  examineArchive: async (entry, inputs, { backup: _, ...options }) =>
    portable.archiveJson(await entry.examineArchive(inputs, options)).timelines,
  findMoment: async (entry, inputs, { backup: _, ...options }) => {
    const { answers } = await entry.findMoment(inputs, { time: 817_121_619_000_000n, ...options });
    return answers.map(({ state, before, after, timelines }) => ({ state, before, after, timelines }));
  },
  planRecovery: async (entry, inputs, options) =>
    (await entry.planRecovery(inputs, { target: { kind: 'before-delete', table }, ...options })).plan,
  recoverRows: async (entry, inputs, options) =>
    rowsOf(
      await entry.recoverRows(inputs, {
        ...{ ...table, timezone: portable.UTC, question: { kind: 'deleted-by', xid: 'last' } },
        ...options,
      }),
    ),
};

/** A source of one's own, in pieces, with nothing but what it must have. */
function ownSource(name: string, bytes = bytesOf(name)): ByteSource {
  return {
    name: `s3://bucket/${name}`,
    async *open() {
      for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
    },
  };
}

function ownFolder(name: string, entries: FolderEntry[]): SourceFolder {
  return {
    name,
    async *list() {
      yield* entries;
    },
  };
}

const asFile = (name: string): FolderEntry => ({ kind: 'file', name, source: ownSource(name) });

const OWN_BACKUP = ownSource('base.tar.gz');

/** In which WAL and a backup may be given. */
const FORMS: [string, Entry, Input[], Input][] = [
  ['paths', node, NAMES.map((name) => `${FOLDER}/${name}`), BACKUP],
  ['bytes', portable, NAMES.map((name) => ({ name, bytes: bytesOf(name) })), bytesOf('base.tar.gz')],
  ['Blobs', node, NAMES.map((name) => new File([bytesOf(name)], name)), new Blob([bytesOf('base.tar.gz')])],
  ['sources', node, NAMES.map((name) => ownSource(name)), OWN_BACKUP],
  ['a folder of sources', node, [ownFolder('s3://bucket', NAMES.map(asFile))], OWN_BACKUP],
  [
    'a mixture',
    node,
    NAMES.map((name, i): Input => {
      if (i % 5 === 0) return `${FOLDER}/${name}`;
      if (i % 5 === 1) return { name, bytes: bytesOf(name) };
      if (i % 5 === 2) return new File([bytesOf(name)], name);
      return i % 5 === 3 ? ownSource(name) : ownFolder('below', [asFile(name)]);
    }),
    ownFolder('backups/of-today', [asFile('base.tar.gz'), asFile('backup_manifest.gz')]),
  ],
];
/** All inputs pass through one door: the questions that read all kinds of them try each form, the others this. */
const MIXTURE = FORMS.filter(([form]) => form === 'a mixture');
const READS_ALL = ['findCommit', 'recoverRows'];

describe.each(Object.entries(QUESTIONS))('%s', (question, ask) => {
  const expected = ask(node, [FOLDER], { backup: BACKUP });

  it.each(READS_ALL.includes(question) ? FORMS : MIXTURE)(
    'gives the same for %s',
    async (_, entry, inputs, backup) => {
      expect(await ask(entry, inputs, { backup })).toEqual(await expected);
    },
  );

  it('takes no paths where there are none, and says where there are', async () => {
    await expect(ask(portable, [FOLDER], { backup: bytesOf('base.tar.gz') })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('walscan/node'),
    });
  });

  it('tells how far it is', async () => {
    const told: Progress[] = [];
    const options = { backup: BACKUP, onProgress: (progress: Progress) => told.push(progress) };
    await ask(node, [FOLDER], options);
    expect(told[0].phase).toBe('inventory');
    const last = told[told.length - 1];
    expect(['wal', 'replay']).toContain(last.phase);
    expect(last.done).toBeGreaterThan(0);
    // rows are replayed no further than they are wanted
    if (last.phase === 'wal' && last.total !== undefined) {
      expect(last.done).toBe(last.total);
      expect(last.segments?.done).toBe(last.segments?.total);
    }
  });

  it('is rejected with the reason of an abort, in every phase', async () => {
    const reason = new Error('enough');
    const phases: string[] = [];
    const onProgress = ({ phase }: Progress): void => {
      if (!phases.includes(phase)) phases.push(phase);
    };
    await ask(node, [FOLDER], { backup: BACKUP, onProgress });
    expect(phases.length).toBeGreaterThan(1);
    for (const wanted of phases) {
      const controller = new AbortController();
      const abortIn = ({ phase }: Progress): void => {
        if (phase === wanted) controller.abort(reason);
      };
      const options = { backup: BACKUP, signal: controller.signal, onProgress: abortIn };
      await expect(ask(node, [FOLDER], options), wanted).rejects.toBe(reason);
    }
    const before = { backup: BACKUP, signal: AbortSignal.abort(reason) };
    await expect(ask(node, [FOLDER], before)).rejects.toBe(reason);
  });

  it('does not wait for a source that takes no notice of an abort', async () => {
    for (const stuck of ['000000010000000000000003.gz', 'base.tar.gz', '00000002.history.gz']) {
      const controller = new AbortController();
      let isWaiting = false;
      const silent = (name: string): ByteSource => ({
        name,
        async *open() {
          isWaiting = true;
          setTimeout(() => controller.abort('gone home'), 10);
          yield* await new Promise<Uint8Array[]>(() => {});
        },
      });
      const sources = NAMES.map((name) => (name === stuck ? silent(name) : ownSource(name)));
      const backup = stuck === 'base.tar.gz' ? silent(stuck) : OWN_BACKUP;
      const options = { backup, signal: controller.signal };
      await ask(node, sources, options).catch((error) => {
        expect(error, stuck).toBe('gone home');
      });
      expect(controller.signal.aborted, stuck).toBe(isWaiting);
    }
  });

  it('is rejected with what a source failed with, which is no damage', async () => {
    let failures = 0;
    for (const failing of ['000000010000000000000003.gz', '00000002.history.gz', 'base.tar.gz']) {
      const cause = new TypeError('fetch failed');
      const bytes = bytesOf(failing);
      let hasFailed = false;
      // all but the first page can be had as long as little is wanted
      const broken: ByteSource = {
        name: failing,
        async *open({ wanted } = {}) {
          yield bytes.subarray(0, 20_000);
          if (wanted !== undefined) yield bytes.subarray(20_000);
          else {
            hasFailed = true;
            throw cause;
          }
        },
      };
      const sources = NAMES.map((name) => (name === failing ? broken : ownSource(name)));
      const backup = failing === 'base.tar.gz' ? broken : OWN_BACKUP;
      const error = await ask(node, sources, { backup }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (hasFailed) expect(error, failing).toMatchObject({ code: 'source-failed', file: failing, cause });
      else expect(error, failing).toBeUndefined();
      if (hasFailed) failures++;
    }
    expect(failures).toBeGreaterThan(0);
  });
});

describe('what is no segment among bytes in memory', () => {
  const segments = ['000000010000000000000003.gz', '000000010000000000000004.gz'].map((name) => ({
    name,
    bytes: bytesOf(name),
  }));
  const zeroed = { name: '000000010000000000000006', bytes: new Uint8Array(1024 * 1024) };

  it.each([
    ['a compressed history file', '00000002.history.gz', bytesOf('00000002.history.gz')],
    [
      'the history file of a backup',
      '000000010000000000000002.00000028.backup.gz',
      bytesOf('000000010000000000000002.00000028.backup.gz'),
    ],
    ['a segment made in advance', zeroed.name, zeroed.bytes],
    ['a backup label', 'backup_label', bytesOf('backup_label')],
  ])('%s is taken for what it is', async (_, name, bytes) => {
    const {
      problems,
      relations,
      segments: count,
    } = await portable.findCommit(
      [
        ...segments,
        { name: '00000002.history', bytes: gunzipSync(bytesOf('00000002.history.gz')) },
        { name, bytes },
      ],
      { relation: '16386' },
    );
    expect(problems).toEqual([]);
    expect(count).toBe(segments.length);
    expect(relations.length).toBeGreaterThan(0);
  });
});

describe('a backup whose pg_control is damaged', () => {
  const control = readFileSync('testdata/lab/17/pg_control');
  control[100] ^= 1;

  it.each(['findCommit', 'findIncidents', 'planRecovery', 'recoverRows'])(
    'is refused by %s',
    async (name) => {
      const folder = folderOf({ PG_VERSION: Buffer.from('17\n'), 'global/pg_control': control });
      const ask: Record<string, () => Promise<unknown>> = {
        findCommit: () => node.findCommit(FOLDER, { table, backup: folder }),
        findIncidents: () => node.findIncidents(FOLDER, { minRows: 1, backup: folder }),
        planRecovery: () => node.planRecovery(FOLDER, { backup: folder, target: { kind: 'latest' } }),
        recoverRows: () =>
          node.recoverRows(FOLDER, {
            ...{ ...table, backup: folder, timezone: portable.UTC },
            question: { kind: 'deleted-by', xid: 'last' },
          }),
      };
      await expect(ask[name]()).rejects.toMatchObject({
        code: 'control-checksum',
        file: `${folder}/global/pg_control`,
      });
    },
  );
});

describe('a tar file', () => {
  const names = NAMES.filter((name) => /^[0-9A-F]{24}\.gz$/.test(name));
  const bytes = new Uint8Array(
    execFileSync('tar', ['-cf', '-', '-C', FOLDER, ...names], { maxBuffer: 2 ** 28 }),
  );
  let opened = 0;
  const tar: ByteSource = {
    name: 'wal.tar',
    async *open() {
      opened++;
      try {
        for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
      } finally {
        opened--;
      }
    },
  };

  it('is closed when the question has been answered, with however little of it', async () => {
    const { segments } = await node.takeInventory([tar]);
    const endLsn = segments[0].start + 8192n * 100n;
    await portable.findCommit([tar], { relation: '16386', endLsn });
    expect(opened).toBe(0);
    await portable.findMoment([tar], { time: 0n });
    expect(opened).toBe(0);
  });

  it('is closed after an abort, and when the answer is no longer wanted', async () => {
    const controller = new AbortController();
    const onProgress = ({ phase }: Progress): void => {
      if (phase === 'wal') controller.abort('enough');
    };
    const options = { minRows: 1, signal: controller.signal, onProgress };
    await expect(portable.findIncidents([tar], options)).rejects.toBe('enough');
    expect(opened).toBe(0);
    for await (const _ of portable.transactionsOf([tar], { relation: '16386' })) break;
    expect(opened).toBe(0);
  });
});

describe('what goes wrong outside walscan', () => {
  const name = '000000010000000000000003.gz';
  const bytes = bytesOf(name);
  const ask = (source: unknown, options: object = {}): Promise<unknown> =>
    portable.findIncidents([source as Input], { minRows: 1, ...options });

  it.each([bytes.buffer, 'text', 5, null, undefined])('a piece that is no Uint8Array (%#)', async (piece) => {
    const source = {
      name,
      async *open() {
        yield piece;
      },
    };
    await expect(ask(source)).rejects.toMatchObject({ code: 'source-failed', file: name });
  });

  it.each([new ArrayBuffer(5), undefined, null, 5, {}])('an input that is none (%#)', async (input) => {
    await expect(ask(input)).rejects.toMatchObject({ code: 'usage' });
  });

  it.each([undefined, null, 5])('an iterator that gives no results but %s', async (result) => {
    const source = { name, open: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => result }) }) };
    await expect(ask(source)).rejects.toMatchObject({ code: 'source-failed', file: name });
  });

  it.each([bytes.buffer, 'text', undefined, null, {}, new Uint8Array(2 ** 20)])(
    'a part of a store that is not the bytes asked for (%#)',
    async (part) => {
      const source = { name, size: bytes.length, open: () => [], read: async () => part };
      await expect(ask(source)).rejects.toMatchObject({ code: 'source-failed', file: name });
    },
  );

  it('an error in onProgress is that error', async () => {
    const mistake = new TypeError('a mistake');
    const onProgress = (): void => {
      throw mistake;
    };
    await expect(ask({ name, bytes }, { onProgress })).rejects.toBe(mistake);
  });

  it('a source that cannot be closed', async () => {
    const cause = new Error('stuck');
    const sourceOf = (value: Uint8Array): object => ({
      name,
      open: () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value }),
          return: async () => {
            throw cause;
          },
        }),
      }),
    });
    await expect(ask(sourceOf(bytes))).rejects.toMatchObject({ code: 'source-failed', file: name, cause });
    const damaged = bytes.slice();
    damaged.fill(0xff, 10, 100);
    await expect(ask(sourceOf(damaged))).rejects.toMatchObject({ code: 'corrupt-compression', file: name });
  });

  it('a folder that takes no notice of an abort is closed all the same', async () => {
    const controller = new AbortController();
    let closed = 0;
    const folder = {
      name: 'folder',
      list: () => ({
        [Symbol.asyncIterator]: () => ({
          next() {
            setTimeout(() => controller.abort('enough'));
            return new Promise(() => {});
          },
          async return() {
            closed++;
          },
        }),
      }),
    };
    await expect(ask(folder, { signal: controller.signal })).rejects.toBe('enough');
    expect(closed).toBe(1);
  });
});

it('lets a timer abort while all is in memory', async () => {
  const files = NAMES.map((name) => ({ name, bytes: bytesOf(name) }));
  const controller = new AbortController();
  const asked = portable.findCommit(files, { relation: '16386', signal: controller.signal });
  setTimeout(() => controller.abort('enough'));
  await expect(asked).rejects.toBe('enough');
});

it('gives no more rows after an abort', async () => {
  const controller = new AbortController();
  const rows = await node.recoverRows(FOLDER, {
    ...{ ...table, timezone: portable.UTC, question: { kind: 'deleted-by', xid: 'last' } },
    ...{ backup: BACKUP, signal: controller.signal },
  });
  const taken = [];
  try {
    const take = async () => {
      for await (const row of rows) {
        taken.push(row);
        controller.abort('enough');
      }
    };
    await expect(take()).rejects.toBe('enough');
  } finally {
    rows.close();
  }
  expect(taken.length).toBe(1);
});

it('takes a relation that is a number, as programs in JavaScript may give it', async () => {
  const options = { relation: 16386 as unknown as string };
  expect((await node.findCommit(FOLDER, options)).relations.length).toBeGreaterThan(0);
});

it('takes of a relation no more than its numbers, with threads or without', async () => {
  const relation = { relNumber: 16386, helper() {} };
  const json = async (jobs: number): Promise<unknown> =>
    portable.findCommitJson(await node.findCommit([FOLDER], { relation, jobs }));
  expect(await json(3)).toEqual(await json(1));
});

it('takes stock and reads segments and backups no longer than is wanted', async () => {
  const { segments, format } = await node.takeUsableInventory([FOLDER]);
  const [file] = segments;
  const one = { file, end: file.start + BigInt(format.segmentSize) };
  const options = { signal: AbortSignal.abort('enough') };
  for (const ask of [
    () => node.takeInventory([FOLDER], options),
    () => node.takeUsableInventory([FOLDER], options),
    () => node.readBaseBackup(BACKUP, options),
    () => node.readSegment(one, format, options),
    () => node.readSegments([one], format, options).next(),
  ]) {
    await expect(ask()).rejects.toBe('enough');
  }
});
