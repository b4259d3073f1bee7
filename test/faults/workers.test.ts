import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NODE } from '../../src/node/platform.js';
import { workerFile } from '../../src/node/worker-file.js';
import { mapSegments } from '../../src/node/worker-pool.js';
import { type ExamineOptions, examineArchive } from '../../src/questions/archive/ask.js';
import type { Platform } from '../../src/questions/platform.js';
import { program } from '../support/cli.js';
import { plain } from '../support/faults-told.js';
import { filesOf, folderOf, segmentsOf } from '../support/folder.js';

const WORKER = pathToFileURL(join(dirname(program), 'cli/walscan-worker.js')).href;
const { Worker } = workerThreads;
let running = 0;
/** How often a fault has struck. */
const struck = new Int32Array(new SharedArrayBuffer(4));

/** From now on threads are the program's own, with this said to them when they come to a task of that number. */
function threadsThat(fault: string, at: number, limits: WorkerOptions['resourceLimits'] = {}): void {
  const script = `
    const { parentPort, workerData } = require('node:worker_threads');
    const on = parentPort.on.bind(parentPort);
    let tasks = 0;
    parentPort.on = (event, listener) => on(event, (task) => {
      if (++tasks === ${at}) {
        Atomics.add(workerData, 0, 1);
        ${fault}
      }
      listener(task);
    });
    import('${WORKER}');`;
  replaceWorker(
    class extends Worker {
      constructor(_: string, options: WorkerOptions) {
        super(script, {
          eval: true,
          workerData: struck,
          resourceLimits: { ...options.resourceLimits, ...limits },
        });
        running++;
        this.on('exit', () => running--);
      }
    },
  );
}

function replaceWorker(replacement: unknown): void {
  Object.assign(workerThreads, { Worker: replacement });
  syncBuiltinESMExports();
}

beforeEach(() => {
  struck[0] = 0;
});

afterEach(() => {
  replaceWorker(Worker);
  vi.restoreAllMocks();
});

const THREADS: Platform = { ...NODE, threads: { useful: (jobs) => jobs, map: mapSegments } };

async function examine(options: ExamineOptions): Promise<unknown> {
  const folder = folderOf(filesOf(segmentsOf(12)));
  const answer = JSON.stringify(plain(await examineArchive([folder], options, THREADS)));
  return JSON.parse(answer.replaceAll(folder, 'folder'));
}

const OUT_OF_MEMORY = 'const all = []; for (;;) all.push(new Array(100_000).fill(0.5));';

describe.each([
  ['ends', 'process.exit(1)'],
  ['throws', 'throw new Error("a bug")'],
  ['rejects', 'Promise.reject("no error")'],
  [
    'cannot send its answer',
    'const send = parentPort.postMessage; parentPort.postMessage = () => send.call(parentPort, () => {})',
  ],
])('a thread that %s', (_, fault) => {
  it.each([1, 3])('with its task %i leaves that to this one', async (at) => {
    const clean = await examine({ jobs: 1 });
    threadsThat(fault, at);
    expect(await examine({ jobs: 3 })).toEqual(clean);
    expect(struck[0]).toBeGreaterThan(0);
    expect(running).toBe(0);
  });
});

it.each([1, 2])('a thread that runs out of memory with its task %i names the segment', async (at) => {
  threadsThat(OUT_OF_MEMORY, at, { maxOldGenerationSizeMb: 32 });
  await expect(examine({ jobs: 2 })).rejects.toMatchObject({
    code: 'worker-failed',
    message: expect.stringMatching(/0{7}1\w{16} ran out of memory; give the program more/),
    file: expect.stringMatching(/\/0{7}1\w{16}$/),
  });
  expect(running).toBe(0);
});

it('a thread that never answers is waited for until the question is aborted', async () => {
  threadsThat('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)', 1);
  const controller = new AbortController();
  const asked = examine({ jobs: 3, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 300);
  await expect(asked).rejects.toThrow('enough');
  expect(running).toBe(0);
});

it.each([0, 1])('where no more than %i threads can be started, there are no more', async (most) => {
  const clean = await examine({ jobs: 1 });
  workerFile(); // which says by itself that of the sources there is none
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  threadsThat('', 0);
  const { Worker: Own } = workerThreads;
  let started = 0;
  replaceWorker(
    class extends Own {
      constructor(file: string, options: WorkerOptions) {
        if (started++ === most) throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
        super(file, options);
      }
    },
  );
  expect(await examine({ jobs: 4 })).toEqual(clean);
  const text = most === 0 ? 'walscan uses one thread: EAGAIN' : 'walscan uses 2 threads: EAGAIN';
  expect(warn.mock.calls).toEqual([[text, { code: 'WALSCAN_ONE_THREAD' }]]);
  expect(running).toBe(0);
});
