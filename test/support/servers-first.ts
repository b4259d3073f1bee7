import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begins with the test files that start servers, which take longest, so that no worker is left with one at the end. */
export default class ServersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const startsServers = ({ moduleId }: TestSpecification): boolean =>
      readFileSync(moduleId, 'utf8').includes('describeServers');
    return [...sorted.filter(startsServers), ...sorted.filter((file) => !startsServers(file))];
  }
}
