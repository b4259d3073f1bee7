import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeFacts } from '../../../src/node.js';
import { startProgram } from '../../support/cli.js';
import { contentOf, crossingWal } from '../../support/facts.js';
import { filesOf, folderOf } from '../../support/folder.js';

const start = (facts: string, slice: readonly string[]): ChildProcess =>
  startProgram(['facts', '--jobs', '1', '-o', facts, ...slice]);

/** Kills a process once a folder is there. @returns the signal that ended it */
async function killAt(folder: string, child: ChildProcess): Promise<unknown> {
  const closed = once(child, 'close');
  while (!existsSync(folder) && child.exitCode === null) await wait(1);
  child.kill('SIGKILL');
  const [, signal] = await closed;
  return signal;
}

it('is as if one process had made all, where one of many is killed and run again', async () => {
  const { segments } = crossingWal(17);
  const wal = folderOf(filesOf(segments));
  const paths = segments.map(({ name }) => join(wal, name));
  const alone = folderOf({});
  await makeFacts(wal, alone);
  const wanted = contentOf(alone);
  const folders = [...new Set(Object.keys(wanted).map(dirname))];
  const folderOfFirst = (slice: readonly string[]): string =>
    folders.find((folder) => folder.endsWith(slice[0].slice(-24)))!;
  const slices = [paths.slice(3), paths.slice(0, 1), paths.slice(1, 3)];
  const signals: unknown[] = [];
  for (const dying of [0, 2]) {
    const slice = slices[dying];
    const facts = folderOf({});
    const children = slices.map((one) => start(facts, one));
    const others = children.filter((_, i) => i !== dying).map((child) => once(child, 'close'));
    signals.push(await killAt(join(facts, folderOfFirst(slice)), children[dying]));
    const again = once(start(facts, slice), 'close');
    const codes = await Promise.all([...others, again]);
    expect(codes.map(([code]) => code)).toEqual(slices.map(() => 0));
    expect(contentOf(facts)).toEqual(wanted);
  }
  expect(signals).toContain('SIGKILL');
});
