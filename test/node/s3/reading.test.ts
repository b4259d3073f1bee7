import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openS3Path } from '../../../src/node/s3/sources.js';
import type { Patience } from '../../../src/node/s3/tries.js';
import {
  type ByteSource,
  type FolderEntry,
  isFolder,
  type SourceFolder,
} from '../../../src/sources/byte-source.js';
import { concat } from '../../../src/wal/concat.js';
import { WalError } from '../../../src/wal/error.js';
import type { Asked, Fault } from '../../support/s3/faults.js';
import { MemoryStore } from '../../support/s3/memory-store.js';
import { S3Server } from '../../support/s3/server.js';

const MiB = 1024 * 1024;
const PATIENT: Patience = { tries: 4, silence: 10_000, pause: 1 };
const IMPATIENT: Patience = { ...PATIENT, silence: 300 };

const numbered = (size: number): Uint8Array => new Uint8Array(size).map((_, i) => (i * 7) ^ (i >> 11));

let store: MemoryStore;
let server: S3Server;

beforeEach(async () => {
  store = new MemoryStore('wal');
  server = await S3Server.with(store.handle);
  for (const [name, value] of Object.entries(server.settings)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

function put(objects: Record<string, Uint8Array | string>): void {
  for (const [key, content] of Object.entries(objects)) store.objects.set(key, Buffer.from(content));
}

const open = (path: string, signal?: AbortSignal): Promise<ByteSource | SourceFolder> =>
  openS3Path(path, signal, PATIENT);

async function file(path: string, patience = PATIENT): Promise<ByteSource> {
  const found = await openS3Path(path, undefined, patience);
  if (isFolder(found)) throw new Error(`${path} is a folder`);
  return found;
}

async function folder(path: string, patience = PATIENT): Promise<SourceFolder> {
  const found = await openS3Path(path, undefined, patience);
  if (!isFolder(found)) throw new Error(`${path} is a file`);
  return found;
}

async function read(source: ByteSource, signal?: AbortSignal): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.open({ signal })) pieces.push(piece);
  return Buffer.from(concat(pieces));
}

async function entries(from: SourceFolder): Promise<FolderEntry[]> {
  const all: FolderEntry[] = [];
  for await (const entry of from.list()) all.push(entry);
  return all;
}

const names = async (from: SourceFolder): Promise<string[]> =>
  (await entries(from)).map(({ kind, name }) => `${kind} ${name}`);

const errorOf = (promise: Promise<unknown>): Promise<WalError> =>
  promise.then(
    () => {
      throw new Error('there is no error');
    },
    (error: unknown) => {
      if (error instanceof WalError) return error;
      throw error;
    },
  );

const isGet = ({ method, key }: Asked): boolean => method === 'GET' && key !== undefined;
const isList = ({ key }: Asked): boolean => key === undefined;

describe('a path', () => {
  beforeEach(() =>
    put({ 'a/b/c': 'c', 'a/b.gz': 'b', 'a/empty': '', both: 'x', 'both/y': 'y', 'made/': '' }),
  );

  it.each([
    ['s3://wal', 's3://wal', ['file both', 'folder a', 'folder both', 'folder made']],
    ['s3://wal/', 's3://wal', ['file both', 'folder a', 'folder both', 'folder made']],
    ['s3://wal/a', 's3://wal/a', ['file b.gz', 'file empty', 'folder b']],
    ['s3://wal/a/', 's3://wal/a', ['file b.gz', 'file empty', 'folder b']],
    ['s3://wal/both/', 's3://wal/both', ['file y']],
    ['s3://wal/made', 's3://wal/made', []],
  ])('%s is a folder', async (path, name, held) => {
    const found = await folder(path);
    expect([found.name, found.id, found.path]).toEqual([name, name, undefined]);
    expect(await names(found)).toEqual(held);
  });

  it('may be that of an object, which has a folder', async () => {
    const found = await file('s3://wal/a/b.gz');
    expect([found.name, found.size, found.path, found.folder?.name]).toEqual([
      ...['s3://wal/a/b.gz', 1, undefined],
      's3://wal/a',
    ]);
    expect((await file('s3://wal/both')).size).toBe(1);
  });

  it('leads to the folders above, and not beyond the bucket', async () => {
    const found = await folder('s3://wal/a/b');
    expect([found.parent?.name, found.parent?.parent?.name]).toEqual(['s3://wal/a', 's3://wal']);
    expect(found.parent?.parent?.parent).toBeUndefined();
  });

  it('of a name leads to what it is, without a list of all', async () => {
    put(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`a/many${i}`, ''])));
    const found = await folder('s3://wal/a');
    server.faults.asked.length = 0;
    expect(await found.entry!('b')).toMatchObject({
      kind: 'folder',
      name: 'b',
      folder: { name: 's3://wal/a/b' },
    });
    expect(await found.entry!('b.gz')).toMatchObject({
      kind: 'file',
      source: { name: 's3://wal/a/b.gz', size: 1 },
    });
    expect(await found.entry!('b.g')).toBeUndefined();
    expect(server.faults.asked).toHaveLength(6);
  });

  it('of which there is nothing is told', async () => {
    const error = await errorOf(open('s3://wal/a/b/c/d'));
    expect([error.code, error.message]).toEqual([
      'unreadable',
      'cannot read s3://wal/a/b/c/d: there is no object of that name, and none below it',
    ]);
    expect((await errorOf(open('s3://other/a'))).message).toBe(
      'cannot read s3://other/a: there is no such bucket; check its name, and AWS_ENDPOINT_URL and AWS_REGION',
    );
    expect((await errorOf(open('s3:///a'))).code).toBe('usage');
  });
});

describe('names', () => {
  const ODD = [
    ...[
      'with space',
      'plus+and%20percent',
      'ünïcødé 段',
      '..',
      '.',
      '\u0001\t&<>"\'',
      'question?hash#',
      'a\\b',
    ],
  ];

  it('of any kind are those of objects', async () => {
    put(Object.fromEntries(ODD.map((name) => [`odd/${name}`, name])));
    const found = await entries(await folder('s3://wal/odd'));
    expect(found.map(({ name }) => name).sort()).toEqual([...ODD].sort());
    for (const entry of found) {
      if (entry.kind !== 'file') throw new Error(entry.kind);
      expect((await read(entry.source)).toString()).toBe(entry.name);
    }
  });

  it('may be empty', async () => {
    put({ 'x//y': 'y', '/z': 'z' });
    expect(await names(await folder('s3://wal'))).toEqual(['folder ', 'folder x']);
    const [inner] = await entries(await folder('s3://wal/x'));
    if (inner.kind !== 'folder') throw new Error(inner.kind);
    expect(await names(inner.folder)).toEqual(['file y']);
    expect(await names(await folder(inner.folder.name))).toEqual(['file y']);
    expect((await read(await file('s3://wal//z'))).toString()).toBe('z');
  });

  it('of more than one page all come', async () => {
    put(
      Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`p/${i}${i % 5 === 0 ? '/x' : ''}`, 'x'])),
    );
    const found = await entries(await folder('s3://wal/p'));
    expect(new Set(found.map(({ name }) => name)).size).toBe(2500);
    expect(found.filter(({ kind }) => kind === 'folder')).toHaveLength(500);
  });

  it('on pages without end are an error', async () => {
    put(Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`p/${i}`, 'x'])));
    const found = await folder('s3://wal/p');
    server.answer = (_, response) =>
      void response.end(
        '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>',
      );
    expect(await errorOf(names(found))).toMatchObject({
      code: 'object-store',
      message: 'the store lists s3://wal/p in a way that cannot be right: its pages do not come to an end',
    });
  });
});

describe('bytes', () => {
  it('come whole, in parts of which no more than four are on their way', async () => {
    const bytes = numbered(30 * MiB + 17);
    put({ big: bytes, empty: '' });
    const source = await file('s3://wal/big');
    expect((await read(source)).equals(bytes)).toBe(true);
    expect(server.faults.asked.filter(isGet)).toHaveLength(8);
    expect(server.faults.mostAtOnce).toBeLessThanOrEqual(4);
    expect(await read(await file('s3://wal/empty'))).toHaveLength(0);
  });

  it('come from one place up to another', async () => {
    const bytes = numbered(100_000);
    put({ some: bytes });
    const source = await file('s3://wal/some');
    expect(await source.read!(10, 20)).toEqual(bytes.subarray(10, 20));
    expect(await source.read!(99_990, 200_000)).toEqual(bytes.subarray(99_990));
    expect(await source.read!(100_000, 100_010)).toHaveLength(0);
  });

  it('that are not wanted any more are not waited for', async () => {
    put({ big: numbered(40 * MiB) });
    for await (const piece of (await file('s3://wal/big')).open()) {
      expect(piece).toHaveLength(4 * MiB);
      break;
    }
    expect(server.faults.asked.filter(isGet).length).toBeLessThanOrEqual(5);
  });

  it.each<Fault>([
    'slow-down',
    'internal-error',
    'reset',
    'reset-in-body',
    'half-of-it',
    'silence',
    'silence-in-body',
  ])('come all the same after a few times of: %s', async (fault) => {
    const bytes = numbered(9 * MiB);
    put({ some: bytes });
    const source = await file('s3://wal/some');
    server.faults.next(3, fault, isGet);
    expect((await read(source)).equals(bytes)).toBe(true);
    expect(server.faults.asked.filter(isGet)).toHaveLength(6);
  });

  it.each<[Fault, RegExp]>([
    ['slow-down', /the store is busy; ask again later \(SlowDown: Please reduce your request rate\.\)$/],
    ['internal-error', /InternalError: We encountered an internal error\.; ask again$/],
    ['reset', /it cannot be reached; check AWS_ENDPOINT_URL and the network, and ask again \(ECONNRESET: /],
    ['half-of-it', /WrongAnswer: it ends after \d+ of 100 bytes; ask again$/],
    ['silence', /Stalled: nothing came for 0\.3 seconds; ask again$/],
  ])('that never come are no damage: %s', async (fault, reason) => {
    put({ some: numbered(100) });
    const source = await file('s3://wal/some', fault === 'silence' ? IMPATIENT : PATIENT);
    server.faults.next(1000, fault, isGet);
    const error = await errorOf(read(source));
    expect(error.code).toBe('object-store');
    expect(error.message).toMatch(/^the store gave no answer for s3:\/\/wal\/some \(4 tries\): /);
    expect(error.message).toMatch(reason);
    expect(server.faults.asked.filter(isGet)).toHaveLength(4);
  });

  it('of an object that is replaced meanwhile are not mixed', async () => {
    put({ some: numbered(9 * MiB) });
    const source = await file('s3://wal/some');
    const pieces = source.open()[Symbol.asyncIterator]();
    await source.read!(0, 10);
    put({ some: new Uint8Array(9 * MiB) });
    const error = await errorOf(pieces.next());
    expect([error.code, error.message]).toEqual([
      'unreadable',
      'cannot read s3://wal/some: it was replaced while it was being read; ask again',
    ]);
  });

  it.each<[string, () => void]>([
    ['it was replaced while it was being read; ask again', () => put({ some: 'shorter' })],
    ['it is gone since its folder was listed; ask again', () => void store.objects.delete('some')],
    ['access is denied; the credentials must allow s3:GetObject on it', () => void store.secret.add('some')],
  ])('that are not to be had: %s', async (reason, change) => {
    put({ some: 'something' });
    const source = await file('s3://wal/some');
    change();
    const error = await errorOf(read(source));
    expect([error.code, error.message]).toEqual(['unreadable', `cannot read s3://wal/some: ${reason}`]);
    expect(server.faults.asked.filter(isGet)).toHaveLength(1);
  });
});

describe('a list', () => {
  it.each<Fault>(['slow-down', 'reset', 'reset-in-body', 'silence'])('comes after: %s', async (fault) => {
    put({ 'a/b': 'c' });
    server.faults.next(3, fault, isList);
    // more than a busy machine takes for an answer
    const patience = fault === 'silence' ? { ...PATIENT, silence: 2000 } : PATIENT;
    const found = await folder('s3://wal/a', patience);
    expect(await names(found)).toEqual(['file b']);
  });

  it('of what has no more than a page below it is asked for once', async () => {
    put({ 'a/b/c': 'c', 'a/b/d/e': 'e', 'a/f': 'f' });
    const found = await folder('s3://wal/a');
    const inner = await found.entry!('b');
    if (inner?.kind !== 'folder') throw new Error(inner?.kind);
    expect(await names(inner.folder)).toEqual(['file c', 'folder d']);
    expect(server.faults.asked.filter(isList)).toHaveLength(1);
  });

  it('that is cut off on its second page is an error', async () => {
    put(Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`p/${i}`, 'x'])));
    const found = await folder('s3://wal/p');
    let lists = 0;
    server.faults.strike = (asked) => (isList(asked) && ++lists > 1 ? 'slow-down' : undefined);
    expect((await errorOf(names(found))).code).toBe('object-store');
  });

  it('that is not allowed says so', async () => {
    put({ 'a/b': 'c' });
    server.faults.next(1000, 'access-denied', isList);
    expect((await errorOf(open('s3://wal/a'))).message).toBe(
      'cannot read s3://wal/a: access is denied; the credentials must allow s3:ListBucket on the bucket',
    );
    // an object can be read without it
    expect((await file('s3://wal/a/b')).size).toBe(1);
  });
});

describe('what is aborted', () => {
  const reason = new Error('enough');

  it.each<[string, Fault, (signal: AbortSignal) => Promise<unknown>]>([
    ['opening', 'silence', (signal) => open('s3://wal/some', signal)],
    ['waiting', 'slow-down', (signal) => openS3Path('s3://wal/some', signal, { ...PATIENT, pause: 60_000 })],
    ['reading', 'silence-in-body', async (signal) => read(await file('s3://wal/some'), signal)],
    ['a range', 'silence', async (signal) => (await file('s3://wal/some')).read!(0, 5, { signal })],
  ])('ends at once: %s', async (what, fault, ask) => {
    put({ some: numbered(100) });
    const isStruck = what === 'opening' || what === 'waiting' ? () => true : isGet;
    server.faults.next(1000, fault, isStruck);
    const controller = new AbortController();
    const asked = ask(controller.signal);
    const checked = expect(asked).rejects.toBe(reason);
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort(reason);
    await checked;
  });
});

describe('settings that do not fit', () => {
  beforeEach(() => put({ some: 'x' }));

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    [
      'no credentials',
      { AWS_SECRET_ACCESS_KEY: undefined, AWS_EC2_METADATA_DISABLED: 'true' },
      /there are no credentials for it: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
    ],
    ['no region', { AWS_REGION: undefined }, /no region is set, or none that can be: set AWS_REGION/],
    [
      'no such host',
      { AWS_ENDPOINT_URL: 'http://nowhere.invalid' },
      /there is no such host; check AWS_ENDPOINT_URL/,
    ],
    ['no address', { AWS_ENDPOINT_URL: 'nowhere' }, /check AWS_ENDPOINT_URL/],
    [
      'nobody there',
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      /it cannot be reached; check AWS_ENDPOINT_URL/,
    ],
  ])('%s', async (_, settings, message) => {
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
    const error = await errorOf(open('s3://wal/some'));
    expect(error.code).toBe('object-store');
    expect(error.message).toMatch(message);
  });
});
