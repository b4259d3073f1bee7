import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgram } from '../../scripts/build.js';

export interface CliResult {
  /** One byte per character. */
  stdout: string;
  stderr: string;
  code: number | null;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
}

/** The command line program, built from the sources as they are. */
export class Cli {
  private constructor(readonly program: string) {}

  static async build(): Promise<Cli> {
    // within node_modules, where the packages that it needs are found
    const parent = 'node_modules/.cache/walscan-test';
    mkdirSync(parent, { recursive: true });
    const outDir = mkdtempSync(join(parent, 'cli-'));
    await buildProgram(outDir);
    return new Cli(join(process.cwd(), outDir, 'cli.js'));
  }

  start(args: readonly string[], { cwd, env }: CliOptions = {}): ChildProcess {
    return spawn(process.execPath, [this.program, ...args], {
      cwd,
      env: { ...process.env, PGDATA: undefined, TZ: 'UTC', LC_ALL: 'C', ...env },
    });
  }

  run(args: readonly string[], options?: CliOptions): Promise<CliResult> {
    const child = this.start(args, options);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('latin1').on('data', (text) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ stdout, stderr, code }));
    });
  }
}
