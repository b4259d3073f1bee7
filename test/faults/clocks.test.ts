import { PassThrough } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/program.js';
import { USUAL_TELLING } from '../../src/cli/telling.js';
import { ENGLISH } from '../../src/text/tongue.js';
import { filesOf, folderOf, segmentsOf } from '../support/folder.js';

afterEach(() => void vi.restoreAllMocks());

/** By how much a clock goes on each time that it is looked at, in milliseconds. */
const HOUR = 3_600_000;
it.each([0, -1, -HOUR, 1000 * HOUR, Number.NaN])(
  'a clock that goes on by %d ms changes no answer',
  async (step) => {
    const folder = folderOf(filesOf(segmentsOf(6)));
    const clean = await archive(folder);
    let now = Date.now();
    for (const clock of [Date, performance]) {
      vi.spyOn(clock, 'now').mockImplementation(() => {
        now += step;
        return now;
      });
    }
    expect(await archive(folder)).toEqual(clean);
  },
);

/** With a progress bar, which tells how long it still takes. */
async function archive(folder: string): Promise<{ code: number; text: string }> {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80, fd: 2 });
  terminal.resume();
  let text = '';
  const code = await run(['archive', '--jobs', '1', folder], {
    write: (data) => {
      text += Buffer.from(data).toString();
    },
    writeError: () => {},
    env: { TZ: 'UTC' },
    isTerminal: false,
    tongue: ENGLISH,
    telling: USUAL_TELLING,
    errorTerminal: terminal as unknown as NodeJS.WriteStream,
  });
  return { code, text };
}
