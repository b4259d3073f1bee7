import { describe, expect, it } from 'vitest';
import { leftoversOf } from '../../../src/questions/plan/leftovers.js';
import type { BackupConfig } from '../../../src/sources/backup-config.js';

const PLANNED = {
  restore_command: 'cp /a/%f %p',
  recovery_target_lsn: '0/5000028',
  recovery_target_inclusive: 'off',
  recovery_target_timeline: '1',
  recovery_target_action: 'pause',
};

/** Of `name = value` lines of postgresql.auto.conf. */
const auto = (...lines: [string, string][]): BackupConfig => ({
  server: lines.map(([name, value]) => ({ file: 'postgresql.auto.conf', name, value })),
  recovery: [],
  markers: [],
});

const namesOf = (config: BackupConfig, version = 15): string[] =>
  leftoversOf(config, PLANNED, version).settings.map(({ name }) => name);

describe('leftoversOf', () => {
  it('clears a target of another kind, which the server would not take beside the plan’s', () => {
    const config = auto(['recovery_target_name', 'antes'], ['recovery_target_action', 'shutdown']);
    const { settings, overrides } = leftoversOf(config, PLANNED, 15);
    expect(settings).toEqual(config.server);
    expect(overrides).toEqual({ recovery_target_name: '' });
  });

  it('clears targets in every spelling, of which the server drops none for the others', () => {
    const config = auto(
      ['Recovery_Target_LSN', '0/1'],
      ['recovery_target_LSN', '0/2'],
      ['recovery_target_lsn', '0/3'],
    );
    const { overrides } = leftoversOf(config, PLANNED, 15);
    expect(overrides).toEqual({ Recovery_Target_LSN: '', recovery_target_LSN: '' });
  });

  it.each([
    ['recovery_min_apply_delay', '8h', '0'],
    ['Recovery_Min_Apply_Delay', '1', '0'],
    ['recovery_min_apply_delay', '', '0'],
    ['recovery_min_apply_delay', `${'0'.repeat(300_000)}.1`, '0'],
    ['archive_cleanup_command', 'pg_archivecleanup /a %r', ''],
    ['recovery_end_command', 'rm x', ''],
    ['hot_standby', 'off', 'on'],
    ['hot_standby', 'FALSE', 'on'],
    ['promote_trigger_file', '/tmp/x', ''],
    ['recovery_target', 'immediate', ''],
    ['recovery_target_time', '2026-01-01', ''],
    ['recovery_target_xid', '5', ''],
  ])('undoes %s = %j', (name, value, override) => {
    const { settings, overrides } = leftoversOf(auto([name, value]), PLANNED, 15);
    expect(settings.map((one) => one.name)).toEqual([name]);
    expect(overrides).toEqual({ [name.toLowerCase()]: override });
  });

  it.each([
    ['recovery_target_name', ''],
    ['recovery_target_lsn', '0/5000028'],
    ['recovery_target_timeline', 'latest'],
    ['recovery_target_action', 'pause'],
    ['recovery_target_inclusive', 'true'],
    ['recovery_min_apply_delay', '0'],
    ['recovery_min_apply_delay', '0ms'],
    ['recovery_min_apply_delay', '0.0 s'],
    ['hot_standby', 'YES'],
    ['restore_command', ''],
    ['restore_command', 'cp /a/%f %p'],
    ['primary_conninfo', 'host=production'],
    ['primary_slot_name', 'x'],
    ['max_connections', '100'],
  ])('leaves %s = %j alone', (name, value) => {
    const { settings, overrides } = leftoversOf(auto([name, value]), PLANNED, 15);
    expect(settings).toEqual([]);
    expect(overrides).toEqual({});
  });

  it('knows that the last line of a name counts', () => {
    expect(namesOf(auto(['recovery_target_name', 'x'], ['recovery_target_name', '']))).toEqual([]);
    expect(namesOf(auto(['hot_standby', 'off'], ['Hot_Standby', 'on']))).toEqual([]);
  });

  it('leaves alone what needs a target where there is none', () => {
    const config = auto(['recovery_target_action', 'shutdown'], ['recovery_target_inclusive', 'off']);
    const { restore_command, recovery_target_timeline } = PLANNED;
    const { settings } = leftoversOf(config, { restore_command, recovery_target_timeline }, 15);
    expect(settings).toEqual([]);
  });

  it.each([12, 16])('does not clear the trigger file in %i, which no pause of it looks at', (version) => {
    expect(leftoversOf(auto(['promote_trigger_file', '/x']), PLANNED, version).overrides).toEqual({});
  });

  it('names the files that must go, and the folder that the server would start in', () => {
    const config = { ...auto(['data_directory', '/srv/pg']), markers: ['standby.signal'] };
    expect(leftoversOf(config, PLANNED, 15).settings).toEqual([
      { file: 'postgresql.auto.conf', name: 'data_directory', value: '/srv/pg' },
      { file: 'standby.signal', name: 'standby.signal', value: '' },
    ]);
  });

  it('up to 11 names what recovery.conf holds, which the plan’s replaces', () => {
    const config: BackupConfig = {
      server: [
        { file: 'postgresql.conf', name: 'hot_standby', value: 'off' },
        { file: 'postgresql.conf', name: 'max_connections', value: '5' },
      ],
      recovery: [
        { file: 'recovery.conf', name: 'standby_mode', value: 'on' },
        { file: 'recovery.conf', name: 'primary_conninfo', value: 'host=p' },
        { file: 'recovery.conf', name: 'recovery_target_xid', value: '7' },
      ],
      markers: ['recovery.conf'],
    };
    const { settings, overrides } = leftoversOf(config, PLANNED, 11);
    expect(settings.map(({ name }) => name)).toEqual(['standby_mode', 'recovery_target_xid', 'hot_standby']);
    expect(overrides).toEqual({});
  });

  it.each([
    [
      [
        ['archive_mode', 'on'],
        ['archive_command', 'cp %p /a/%f'],
      ],
      'archive_command',
    ],
    [
      [
        ['archive_mode', 'always'],
        ['archive_command', 'x'],
        ['archive_library', 'basic_archive'],
      ],
      'archive_library',
    ],
    [
      [
        ['archive_mode', 'off'],
        ['archive_command', 'cp %p /a/%f'],
      ],
      undefined,
    ],
    [[['archive_command', 'cp %p /a/%f']], undefined],
    [
      [
        ['archive_mode', 'on'],
        ['archive_command', ''],
      ],
      undefined,
    ],
  ] as [[string, string][], string | undefined][])('tells what archives: %j', (lines, name) => {
    const { archiving } = leftoversOf(auto(...lines), PLANNED, 15);
    expect(archiving?.by.name).toBe(name);
    // what it restores, too
    if (archiving) expect(archiving.always).toBe(lines.some(([, value]) => value === 'always'));
  });
});
