import { describe, expect, it } from 'vitest';
import { barmanCommand } from '../../../../src/questions/plan/tool-command/barman.js';
import type { ToolRecovery } from '../../../../src/questions/plan/tool-command/tool-command.js';
import type { Repository, StoredBackup } from '../../../../src/repos/index.js';
import type { ByteSource } from '../../../../src/sources/byte-source.js';

const id = '20261126T111016';
const repository = { tool: 'barman', cluster: 'main' } as Repository;
const stored = { name: id, type: 'full' } as StoredBackup;

const restore = (
  some: Partial<ToolRecovery> & Pick<ToolRecovery, 'target'>,
  more: Partial<StoredBackup> = {},
): string => {
  const chosen = { repository, stored: { ...stored, ...more } };
  return barmanCommand({ timeline: 1, action: 'pause', chosen, version: 15, files: [], ...some }).restore;
};

const all = (options: string): string => `barman recover ${options} main ${id} <destination>`;
const lsn = { kind: 'lsn', lsn: 0x3_a014_4f8n, inclusive: false } as const;

describe('the commands of Barman', () => {
  it('stop before or after an LSN, a time, a transaction', () => {
    expect(restore({ target: lsn })).toBe(
      all('--target-lsn 0/3A0144F8 --exclusive --target-tli 1 --target-action pause'),
    );
    expect(restore({ target: { kind: 'time', time: 0n, inclusive: true } })).toBe(
      all("--target-time '2000-01-01 00:00:00.000000+00' --target-tli 1 --target-action pause"),
    );
    expect(restore({ target: { kind: 'xid', xid: 2n ** 32n + 7n, inclusive: false } })).toBe(
      all('--target-xid 7 --exclusive --target-tli 1 --target-action pause'),
    );
  });

  it('stop at a restore point, when the data is consistent, or at the end', () => {
    expect(restore({ target: { kind: 'name', name: "it's" } })).toBe(
      all("--target-name 'it'\\''s' --target-tli 1 --target-action pause"),
    );
    expect(restore({ target: { kind: 'immediate' }, timeline: 'current', action: 'shutdown' })).toBe(
      all('--target-immediate --target-tli current --target-action shutdown'),
    );
    const old = { timeline: 'current', version: 11, action: undefined } as const;
    expect(restore({ target: { kind: 'latest' }, ...old })).toBe(`barman recover main ${id} <destination>`);
  });

  it('ask Barman for WAL that has not come into its archive', () => {
    const folder = '/srv/barman/main';
    const archived = `${folder}/wals/0000000100000000/000000010000000000000013`;
    const files = (...names: string[]) => [{ sources: names.map((name) => ({ name }) as ByteSource) }];
    const latest = { target: { kind: 'latest' }, action: undefined } as const;
    const streamed = `${folder}/streaming/000000010000000000000013.partial`;
    for (const name of [streamed, `${folder}/incoming/000000010000000000000013`]) {
      expect(restore({ ...latest, files: files(name) })).toBe(all('--target-tli 1 --get-wal'));
    }
    for (const names of [[archived], [archived, streamed], []]) {
      expect(restore({ ...latest, files: files(...names) })).toBe(all('--target-tli 1'));
    }
  });

  it('leave places that production may be using to people', () => {
    const tablespaces = [
      { name: 'ts1', oid: 16384, path: '/srv/ts1' },
      { name: 'my space', oid: 16385, path: '/srv/ts2' },
    ];
    expect(restore({ target: { kind: 'latest' }, action: undefined }, { tablespaces })).toBe(
      all("--target-tli 1 --tablespace ts1:<directory> --tablespace 'my space':<directory>"),
    );
    const latest = { target: { kind: 'latest' }, action: undefined } as const;
    expect(restore(latest, { compression: 'gzip' })).toBe(
      all('--target-tli 1 --recovery-staging-path <staging-directory>'),
    );
    expect(restore(latest, { type: 'incremental' })).toBe(
      all('--target-tli 1 --local-staging-path <staging-directory>'),
    );
  });

  it('fetch WAL from the host of Barman', () => {
    const chosen = { repository: { ...repository, cluster: "it's" }, stored };
    const input: ToolRecovery = { target: lsn, timeline: 1, action: 'pause', chosen, version: 15, files: [] };
    expect(barmanCommand(input).restoreCommand).toBe(
      "barman-wal-restore -P -U barman <barman-host> 'it'\\''s' %f %p",
    );
  });

  it('are those of barman-cloud for what it stored, which know no targets', () => {
    const ofCloud = (name: string) => {
      const cloud = { ...repository, name, cluster: 'one' } as Repository;
      const tablespaces = [{ name: 'ts1', oid: 16384, path: '/srv/ts1' }];
      const chosen = { repository: cloud, stored: { ...stored, isOfBarmanCloud: true, tablespaces } };
      return barmanCommand({ target: lsn, timeline: 1, action: 'pause', chosen, version: 15, files: [] });
    };
    expect(ofCloud('s3://bucket/some/folder/main')).toEqual({
      restore: `barman-cloud-restore --tablespace ts1:<directory> s3://bucket/some/folder main ${id} <destination>`,
      restoreCommand: 'barman-cloud-wal-restore s3://bucket/some/folder main %f %p',
      leavesTarget: true,
    });
    expect(ofCloud('s3://bucket/main').restoreCommand).toBe(
      'barman-cloud-wal-restore s3://bucket main %f %p',
    );
    expect(ofCloud('/copy/one').restoreCommand).toBe('barman-cloud-wal-restore <source-url> one %f %p');
  });
});
