import { describe, expect, it } from 'vitest';
import { BackupDamage } from '../../src/replay/backup-damage.js';
import { WalError } from '../../src/wal/error.js';
import { message } from '../../src/wal/message.js';

const page = (block: number) => ({ file: `base/5/${block}`, fault: { kind: 'header' } as const });
const fault = (kind: 'checksum' | 'missing') => ({
  kind,
  problem: new WalError('damaged-backup', message`is ${kind}`),
});

describe('damage of a relation in a backup', () => {
  it('goes with the blocks that are replaced or truncated', () => {
    const damage = new BackupDamage();
    for (const block of [7, 3, 9, 5]) damage.addPage(block, page(block));
    damage.replaced(3);
    damage.truncated(7);
    expect(damage.problems.map(({ file }) => file)).toEqual(['base/5/5']);
    expect(damage.hidesRows).toBe(true);
    damage.truncated(0);
    expect(damage.problems).toEqual([]);
    expect(damage.hidesRows).toBe(false);
  });

  it('of a file goes with the last of its blocks', () => {
    const damage = new BackupDamage();
    damage.addFile(fault('checksum'), [0, 1, 2]);
    damage.truncated(2);
    damage.replaced(0);
    expect(damage.problems).toHaveLength(1);
    damage.replaced(1);
    expect(damage.problems).toEqual([]);
  });

  it('of a file that is not there goes when the file is made anew', () => {
    const damage = new BackupDamage();
    damage.addFile(fault('missing'), []);
    damage.replaced(0);
    damage.truncated(1);
    expect(damage.problems).toHaveLength(1);
    damage.truncated(0);
    expect(damage.problems).toEqual([]);
  });

  it('goes along with a copy of the pages', () => {
    const [damage, copy] = [new BackupDamage(), new BackupDamage()];
    damage.addPage(1, page(1));
    damage.addFile(fault('checksum'), [0, 1]);
    copy.copyFrom(damage);
    damage.truncated(0);
    expect(copy.problems).toHaveLength(2);
  });

  it('is told in one problem for each file, however many pages it has', () => {
    const damage = new BackupDamage();
    for (let block = 0; block < 1000; block++) damage.addPage(block, page(7));
    for (const block of [1001, 1000]) damage.addPage(block, page(8));
    expect(damage.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^block 0 of base\/5\/7 .* so are 1, 2, .*, 20 and 979 more/),
      expect.stringMatching(/^block 1000 of base\/5\/8 .* so is 1001:/),
    ]);
  });
});
