import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import type { Environment } from '../support/environment.js';
import { folderOf } from '../support/folder.js';

const WAL = 'testdata/rows/18';
const BACKUP = `${WAL}/base.tar.gz`;
const OTHER_WAL = 'testdata/lab/17';
const TABLE = ['--table', 'ventas.inventarios', '--deleted-by', 'last'];

/** The variable that names a folder with the user's own config. */
const configOf = (text: string): Environment => ({
  XDG_CONFIG_HOME: folderOf({ 'walscan/config.toml': text }),
});

/** The variable that names a data folder with the WAL. */
function dataFolder(): Environment {
  const folder = folderOf({});
  mkdirSync(join(folder, 'data'));
  symlinkSync(resolve(WAL), join(folder, 'data/pg_wal'));
  return { PGDATA: join(folder, 'data') };
}

/** What went wrong, or was said. */
const saidBy = async (args: string[], env?: Environment): Promise<string> => (await runCli(args, env)).stderr;

/** The transactions that were found. */
async function xidsOf(args: string[], env?: Environment): Promise<number[]> {
  const { incidents } = JSON.parse((await runCli(args, env)).stdout) as { incidents: { xid: number }[] };
  return incidents.map(({ xid }) => xid);
}

describe('the paths', () => {
  it.each([
    ['WALSCAN_ARCHIVE', () => ({ WALSCAN_ARCHIVE: WAL })],
    ['PGDATA', dataFolder],
    ['WALSCAN_ARCHIVE before PGDATA', () => ({ WALSCAN_ARCHIVE: WAL, PGDATA: OTHER_WAL })],
    ['a variable before the config', () => ({ ...configOf('archive = "nowhere"'), WALSCAN_ARCHIVE: WAL })],
    ['the config', () => configOf(`archive = "${WAL}"`)],
    ['a config with several', () => configOf(`archive = ["${WAL}/000000010000000000000002.gz", "${WAL}"]`)],
    [
      'the config in HOME',
      () => ({
        XDG_CONFIG_HOME: 'not/absolute',
        HOME: folderOf({ '.config/walscan/config.toml': `archive = "${WAL}"` }),
      }),
    ],
  ])('are those of %s', async (_, env) => {
    const asked = await xidsOf(['incidents', '--json', WAL]);
    expect(asked.length).toBeGreaterThan(3);
    expect(await xidsOf(['incidents', '--json'], env())).toEqual(asked);
  });

  it('that are given are the only ones', async () => {
    const set = { WALSCAN_ARCHIVE: 'nowhere', ...configOf('archive = "nowhere"') };
    expect(await runCli(['incidents', WAL], set)).toEqual(await runCli(['incidents', WAL]));
  });

  it('have to be somewhere', async () => {
    expect(await saidBy(['incidents'])).toMatch(/argument <path> is missing/);
  });

  it('of a plan do not come from PGDATA, which is not what a recovery reads', async () => {
    const args = ['plan', '--latest', '-b', BACKUP];
    expect(await runCli(args, { PGDATA: 'nowhere' })).toEqual(await runCli(args));
    expect(await saidBy(args, { WALSCAN_ARCHIVE: 'nowhere' })).toMatch(/nowhere/);
  });
});

describe('the backup and the database', () => {
  const asked = () => runCli(['rows', ...TABLE, '-d', 'ventas_db', '-b', BACKUP, '-q', WAL]);

  it.each([
    ['variables', [WAL], () => ({ WALSCAN_BACKUP: BACKUP, WALSCAN_DATABASE: 'ventas_db' })],
    [
      'the config',
      [],
      () => configOf(`archive = "${WAL}"\nbackup = "${BACKUP}"\ndatabase = "ventas_db" # of the shop\n`),
    ],
  ])('are those of %s', async (_, paths, env) => {
    const found = await runCli(['rows', ...TABLE, '-q', ...paths], env());
    expect(found.code).toBe(0);
    expect(found).toEqual(await asked());
  });

  it('of a config do not change what arguments mean', async () => {
    const config = () => configOf(`archive = "nowhere"\nbackup = "nowhere"\ndatabase = "nowhere"\n`);
    const columns = 'id int4, producto text, stock int4, fecha_hora timestamp';
    for (const args of [
      ['incidents', OTHER_WAL],
      ['find-commit', '--rel', '16386', OTHER_WAL],
      ['rows', '--rel', '16386', '--deleted-by', '742', '--columns', columns, OTHER_WAL],
      ['changes', '--table', 'ventas.inventarios', '--backup', BACKUP, WAL],
      ['archive', OTHER_WAL],
      ['incidents', '--no-backup', OTHER_WAL],
      ['dump', '-t', '1', OTHER_WAL],
    ]) {
      expect(await runCli(args, config())).toEqual(await runCli(args));
    }
  });
});

describe('the zone', () => {
  const args = ['incidents', OTHER_WAL];

  it('is that of WALSCAN_TZ, or of the config, before that of TZ', async () => {
    const asked = await runCli([...args, '--tz', 'America/Lima']);
    expect(asked.stdout).toContain(' -05');
    expect(await runCli(args, { WALSCAN_TZ: 'America/Lima' })).toEqual(asked);
    expect(await runCli(args, configOf("tz = 'America/Lima'"))).toEqual(asked);
  });

  it('is not that where arguments name one', async () => {
    const asked = await runCli([...args, '--utc']);
    expect(await runCli([...args, '--utc'], { WALSCAN_TZ: 'America/Lima' })).toEqual(asked);
    expect(await runCli([...args, '--tz', 'UTC'], { WALSCAN_TZ: 'America/Lima' })).toEqual(asked);
  });

  it('has to be one', async () => {
    expect(await saidBy(args, { WALSCAN_TZ: 'Mars' })).toBe(
      'walscan: WALSCAN_TZ: "Mars" is no time zone: set it to one such as Europe/Madrid\n',
    );
    expect(await saidBy(args, configOf("tz = 'Mars'"))).toMatch(/config\.toml: "Mars" is no time zone/);
  });
});

describe('a config', () => {
  it.each([
    ['archiv = "x"', /there is no setting "archiv": there are archive, backup, tz and database/],
    ['archive = 3', /"archive" has to be a path or a list of paths/],
    ['archive = []', /"archive" has to be a path or a list of paths/],
    ['archive = ["x", 3]', /"archive" has to be a path or a list of paths/],
    ['backup = true', /"backup" has to be a text/],
    ['tz = "UTC"\n[database]\nname = "x"', /"database" has to be a text/],
    ['tz = "UTC"\ntz = ', /line 2: /],
    ['#'.repeat(70_000), /too long for a config file/],
  ])('with %j is told of by its name', async (text, expected) => {
    const { stderr, code } = await runCli(['incidents', OTHER_WAL], configOf(text));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^walscan: .*config\.toml: [^\n]*\n$/);
    expect(stderr).toMatch(expected);
  });

  it('that is given has to be there', async () => {
    expect(await saidBy(['incidents', '--config', 'nowhere.toml', OTHER_WAL])).toMatch(
      /^walscan: cannot read nowhere\.toml: /,
    );
  });

  it('that is given is the only one', async () => {
    const file = join(folderOf({ 'my.toml': "tz = 'America/Lima'" }), 'my.toml');
    const found = await runCli(['incidents', '--config', file, OTHER_WAL], configOf('nonsense'));
    expect(found.stdout).toContain(' -05');
  });
});

it('what was taken is told with --verbose', async () => {
  const config = configOf(`archive = "${OTHER_WAL}"`);
  const said = await saidBy(['incidents', '-v'], { ...config, WALSCAN_TZ: 'America/Lima' });
  expect(said).toMatch(/^walscan: language: en$/m);
  expect(said).toMatch(/^walscan: config: \/.*\/walscan\/config\.toml$/m);
  expect(said).toMatch(/^walscan: paths: testdata\/lab\/17 \(\/.*config\.toml\)$/m);
  expect(said).toMatch(/^walscan: tz: America\/Lima \(WALSCAN_TZ\)$/m);
});
