import { describe, expect, it } from 'vitest';
import { pgBackRestCommand } from '../../../../src/questions/plan/tool-command/pgbackrest.js';
import type { ToolRecovery } from '../../../../src/questions/plan/tool-command/tool-command.js';
import type { Repository, StoredBackup } from '../../../../src/repos/index.js';

const label = '20261126-110908F_20261126-111151I';
const repository = { tool: 'pgbackrest', cluster: 'main' } as Repository;
const chosen = { repository, stored: { name: label } as StoredBackup };

const restore = (some: Partial<ToolRecovery> & Pick<ToolRecovery, 'target'>): string =>
  pgBackRestCommand({ timeline: 1, action: 'pause', chosen, version: 15, files: [], ...some }).restore;

const all = (options: string): string => `pgbackrest --stanza=main --set=${label} ${options} restore`;

describe('the commands of pgBackRest', () => {
  it('stop before or after an LSN, a time, a transaction', () => {
    expect(restore({ target: { kind: 'lsn', lsn: 0x3_a014_4f8n, inclusive: false } })).toBe(
      all('--type=lsn --target=0/3A0144F8 --target-exclusive --target-timeline=1 --target-action=pause'),
    );
    expect(restore({ target: { kind: 'time', time: 0n, inclusive: true } })).toBe(
      all("--type=time --target='2000-01-01 00:00:00.000000+00' --target-timeline=1 --target-action=pause"),
    );
    expect(restore({ target: { kind: 'xid', xid: 2n ** 32n + 7n, inclusive: false } })).toBe(
      all('--type=xid --target=7 --target-exclusive --target-timeline=1 --target-action=pause'),
    );
  });

  it('quote the name of a restore point', () => {
    expect(restore({ target: { kind: 'name', name: "it's" } })).toBe(
      all("--type=name --target='it'\\''s' --target-timeline=1 --target-action=pause"),
    );
  });

  it('name no timeline where the tool takes none', () => {
    const target = { kind: 'immediate' } as const;
    expect(restore({ target, action: 'shutdown' })).toBe(all('--type=immediate --target-action=shutdown'));
    const xid = { kind: 'xid', xid: 7, inclusive: true } as const;
    expect(restore({ target: xid, timeline: 'current', version: 11 })).toBe(
      all('--type=xid --target=7 --target-action=pause'),
    );
    expect(restore({ target: xid, timeline: 'current' })).toBe(
      all('--type=xid --target=7 --target-timeline=current --target-action=pause'),
    );
  });

  it('go to the end of the WAL', () => {
    expect(restore({ target: { kind: 'latest' }, timeline: 2, action: undefined })).toBe(
      all('--type=default --target-timeline=2'),
    );
  });

  it('get WAL', () => {
    const other = { repository: { ...repository, cluster: 'my stanza' }, stored: chosen.stored };
    const { restoreCommand } = pgBackRestCommand({
      target: { kind: 'latest' },
      timeline: 1,
      action: undefined,
      chosen: other,
      version: 15,
      files: [],
    });
    expect(restoreCommand).toBe(`pgbackrest --stanza='my stanza' archive-get %f "%p"`);
  });
});
