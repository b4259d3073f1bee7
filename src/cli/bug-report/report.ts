import { spawn } from 'node:child_process';
import { availableParallelism, release, totalmem } from 'node:os';
import { version } from '../../text/version.js';
import { kindsIn, versionIn } from './files.js';
import { plainWords } from './words.js';

/** How a run ended. */
interface Ended {
  code: number | null;
  signal: string | null;
  seconds: number;
  stdoutBytes: number;
  stdout: string;
  stderr: string;
}

/** What an issue has to say, as Markdown. @param words a command that is run for it; none: of versions alone */
export async function bugReport(words: readonly string[]): Promise<string> {
  const about = ['### Versions', '', ...versions().map((line) => `- ${line}`)];
  return `${[...about, ...(words.length === 0 ? [] : await commandLines(words))].join('\n')}\n`;
}

function versions(): string[] {
  const { platform, arch, version: node } = process;
  const { bun } = process.versions;
  const runtime = bun === undefined ? `Node ${node}` : `Bun ${bun}`;
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `walscan ${version}`,
    runtime,
    `${platform} ${arch}, ${release()}, ${availableParallelism()} cores, ${memory} GiB`,
  ];
}

async function commandLines(words: readonly string[]): Promise<string[]> {
  const [command = ''] = words;
  const commands = await askedOf(['__complete', '']);
  const name = commands.has(command) ? command : 'COMMAND';
  const known = await askedOf(['__complete', command, '--']);
  const plain = plainWords(words.slice(1), known);
  const paths = plain.map(({ path }) => path).filter((path) => path !== undefined);
  const ended = await run(known.has('--verbose') ? toldOf(words) : words);
  const postgres = await versionIn(paths);
  return [
    ...['', '### Command', '', '```sh'],
    ['walscan', name, ...plain.map(({ text }) => text)].join(' '),
    ...['```', '', '### How it ended', ''],
    `- ${ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`}, ${ended.seconds.toFixed(2)} s`,
    `- standard output ${ended.stdoutBytes} bytes, standard error ${ended.stderr.split('\n').length - 1} lines`,
    ...timesIn(ended.stderr).map((line) => `- ${line}`),
    ...['', '### Files', ''],
    `- PostgreSQL: ${postgres ?? 'not known'}`,
    ...paths.flatMap((path, i) =>
      kindsIn(path).map(
        ({ shape, files, bytes }) =>
          `- PATH${i + 1}: ${shape}: ${files}, ${(bytes / 2 ** 20).toFixed(1)} MiB`,
      ),
    ),
  ];
}

/** With all that is told of it, in English: what comes first counts of languages, and behind `--` would be a path. */
const toldOf = ([command, ...rest]: readonly string[]): string[] => [
  command,
  ...['-v', '--lang', 'en'],
  ...rest.filter((word) => word !== '-q' && word !== '--quiet'),
];

/** The lines of `--verbose` that tell times, of which nothing but a phase's name and numbers is taken. */
const timesIn = (stderr: string): string[] =>
  [...stderr.matchAll(/^walscan: ([a-z ]+(?:: [\d.]+ MiB in)? [\d.]+ s)$/gm)].map(([, line]) => line);

/** What completion says. */
async function askedOf(words: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await run(words)).stdout.split('\n'));
}

/** Runs this program once more. */
function run(words: readonly string[]): Promise<Ended> {
  const [, script = ''] = process.argv;
  // a single executable has its script in itself
  const isInside = /^(?:\/\$bunfs|[A-Z]:[\\/]~BUN)/.test(script);
  const begun = performance.now();
  const child = spawn(process.execPath, isInside ? [...words] : [script, ...words], {
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  let stdoutBytes = 0;
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdoutBytes += text.length;
    if (stdout.length < MOST_TEXT) stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < MOST_TEXT) stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const seconds = (performance.now() - begun) / 1000;
      resolve({ code, signal, seconds, stdoutBytes, stdout, stderr });
    });
  });
}

/** More is not looked at. */
const MOST_TEXT = 1_000_000;
