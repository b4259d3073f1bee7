import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { parseBackupHistory, parseBackupLabel } from '../../../src/cluster/backup-label.js';
import { parseBackupManifest } from '../../../src/cluster/backup-manifest.js';
import { formatControlData } from '../../../src/cluster/control-data.js';
import { parseControlFile, parseControlFileOf } from '../../../src/cluster/control-file.js';
import { controlJson } from '../../../src/cluster/control-json.js';
import { controlWarnings } from '../../../src/cluster/control-warnings.js';
import { parseHistory, parseHistoryFileName } from '../../../src/cluster/history.js';
import { parseServerConfig } from '../../../src/cluster/server-config.js';
import { parseTablespaceMap } from '../../../src/cluster/tablespace-map.js';
import { readRelationMap } from '../../../src/replay/relation-map.js';
import { combined, readIncrement } from '../../../src/repos/wal-g/increment.js';
import { parseFilesMetadata, parseSentinel } from '../../../src/repos/wal-g/sentinel.js';
import { decodeText, encodeText } from '../../../src/text/encoding.js';
import { formatTimestampTz, UTC } from '../../../src/text/timezone.js';
import { parseTzif } from '../../../src/text/tzif.js';
import { crc32c } from '../../../src/wal/crc32c.js';
import { readTestdata } from '../../support/testdata.js';
import type { Input } from '../input.js';
import { check, type Target } from '../target.js';
import { VERSIONS, versionOf } from '../wal.js';

const LAB = readdirSync('testdata/lab').map((version) => `testdata/lab/${version}`);
const text = (content: string): Input => [new TextEncoder().encode(content)];
const files = (paths: readonly string[]): Input[] =>
  paths.filter((path) => existsSync(path)).map((path) => [readTestdata(path)]);
const NOTHING = new Uint8Array(0);

/** Targets that take one file. */
const fileTarget = (
  name: string,
  seeds: () => Input[],
  run: (bytes: Uint8Array) => unknown,
  words?: readonly string[],
): Target => ({ name, seeds, words, run: ([bytes = NOTHING]) => run(bytes) });

const LABEL_WORDS = [
  ...[
    'START WAL LOCATION: ',
    'STOP WAL LOCATION: ',
    'CHECKPOINT LOCATION: ',
    'BACKUP METHOD: ',
    'BACKUP FROM: ',
  ],
  ...[
    'START TIME: ',
    'STOP TIME: ',
    'LABEL: ',
    'START TIMELINE: ',
    'STOP TIMELINE: ',
    'INCREMENTAL FROM LSN: ',
  ],
  ...[
    'streamed',
    'pg_start_backup',
    'primary',
    'standby',
    '0/2000028',
    ' (file 000000010000000000000002)',
    '\n',
  ],
];

const label = fileTarget(
  'label',
  () => files(LAB.map((lab) => `${lab}/backup_label`)),
  parseBackupLabel,
  LABEL_WORDS,
);

const backupHistory = fileTarget(
  'backup-history',
  () => files(LAB.map((lab) => `${lab}/000000010000000000000002.00000028.backup.gz`)),
  parseBackupHistory,
  LABEL_WORDS,
);

const MANIFEST_WORDS = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\u0000', '\\', 'null', 'true', '"Files": ', '"WAL-Ranges": '],
  ...['{ "Path": "a", ', '"Encoded-Path": "6162"', '"Size": 1', '"Last-Modified": "2026-11-22 10:12:37 GMT"'],
  ...['"Checksum-Algorithm": "SHA256"', '"Checksum": "00"', '"System-Identifier": 1', '"Timeline": 1'],
  ...['"Start-LSN": "0/2000028"', '"End-LSN": "0/2000100"', '"PostgreSQL-Backup-Manifest-Version": 2'],
];

/** With the checksum that fits: what is in its last line is put there. */
function manifestOf(body: Uint8Array): Uint8Array {
  const checksum = createHash('sha256').update(body).digest('hex');
  return Buffer.concat([body, Buffer.from(`"Manifest-Checksum": "${checksum}"}\n`)]);
}

const SENTINEL = `{"LSN":67108904,"DeltaFrom":"base_000000010000000000000004","DeltaLSN":33554472,"PgVersion":150004,
"FinishLSN":67109120,"SystemIdentifier":7444444444444444447,"CompressedSize":7,"StartTime":"2026-11-26T13:09:08.1Z"}`;
const FILES_METADATA = `{"Files":{"/base/1/1":{"IsIncremented":true,"IsSkipped":false},"/base/1":{}},
"TarFileSets":{"part_001.tar.br":["/base/1/1"]}}`;

const walG = fileTarget(
  'wal-g',
  () => [text(SENTINEL), text(FILES_METADATA)],
  (bytes) => {
    const { times } = parseSentinel(bytes, 'file');
    if (times.start !== undefined) formatTimestampTz(times.start, UTC);
    parseFilesMetadata(bytes, 'file');
  },
);

const INCREMENT = Buffer.concat([
  Buffer.from('wi1U'),
  Buffer.of(0, 0x40, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0),
  Buffer.alloc(8192, 1),
]);

/** A change of a file, and what the file was. */
const increment: Target = {
  name: 'increment',
  seeds: () => [[INCREMENT, Buffer.alloc(10_000, 2)]],
  async run([bytes = NOTHING, base = NOTHING]) {
    const giving = async function* (part: Uint8Array): AsyncGenerator<Uint8Array> {
      yield part;
    };
    const parsed = await readIncrement(giving(bytes), bytes.length, 'file', []);
    let pages = 0;
    // as large as it says, of zeroes: a file of 1 GiB takes too long here
    for await (const page of combined([parsed], giving(base))) {
      check(page.length === 8192, `a page of ${page.length} bytes`);
      if (++pages > 1000) return;
    }
    check(pages === parsed.size, `${pages} pages of ${parsed.size}`);
  },
};

const manifest = fileTarget(
  'manifest',
  () => LAB.map((lab) => [shortManifest(readTestdata(`${lab}/backup_manifest.gz`).toString('latin1'))]),
  (body) => {
    parseBackupManifest(manifestOf(body));
  },
  MANIFEST_WORDS,
);

/** Without most of its files and its last line. */
function shortManifest(whole: string): Uint8Array {
  const lines = whole.split('\n');
  const end = lines.findIndex((line) => line.startsWith('"WAL-Ranges"'));
  const last = lines[end - 2].replace(/,$/, '');
  const kept = [...lines.slice(0, 5), last, ...lines.slice(end - 1, -2)];
  return Buffer.from(`${kept.join('\n')}\n`, 'latin1');
}

const history: Target = {
  name: 'history',
  seeds: () => [
    ...LAB.map((lab) => [readTestdata(`${lab}/00000002.history.gz`), Uint8Array.of(2)]),
    ['1\t0/3000000\tno reason\n2\t0/4000000\tbefore 2000-01-01\n\n# x\n', '00000003.history'].map((one) =>
      new TextEncoder().encode(one),
    ),
  ],
  run([bytes = NOTHING, name = NOTHING]) {
    parseHistoryFileName(decodeText(name));
    parseHistory(bytes, 1 + (name[0] ?? 1));
  },
};

const tablespaceMap: Target = {
  name: 'tablespace-map',
  seeds: () =>
    VERSIONS.map((version) => [
      Buffer.from('16385 /srv/a b\n16386 /srv/c\\\nd\n16387 /srv/e\\\\f\r\n'),
      Uint8Array.of(version - 10),
    ]),
  run([bytes = NOTHING, [version] = NOTHING]) {
    for (const { oid, path } of parseTablespaceMap(bytes, versionOf(version))) {
      check(typeof path === 'string' && oid >= 0, 'no tablespace');
    }
  },
};

const control: Target = {
  name: 'control',
  seeds: () =>
    [
      ...files([10, 11, 12].map((version) => `testdata/control/${version}/pg_control`)),
      ...files(LAB.map((lab) => `${lab}/pg_control`)),
    ].map(([bytes]) => [bytes.subarray(0, 320), Uint8Array.of(0)]),
  run([bytes = NOTHING, [mode = 0] = NOTHING]) {
    const sealed = bytes.slice();
    for (const at of mode & 1 ? [284, 288, 292] : []) {
      if (sealed.length < at + 4) continue;
      new DataView(sealed.buffer).setUint32(at, crc32c(sealed.subarray(0, at)), true);
    }
    const parsed = mode & 2 ? parseControlFileOf(versionOf(mode >> 2), sealed) : parseControlFile(sealed);
    controlWarnings(parsed);
    formatControlData(parsed, UTC);
    JSON.stringify(controlJson(parsed));
  },
};

const CONFIG_WORDS = [
  ...[
    'recovery_target_time',
    'restore_command',
    'standby_mode',
    'primary_conninfo',
    'include_dir',
    'archive_command',
  ],
  ...[" = '", "'\n", "''", "\\'", '\\101', '\\377', '# ', '=', 'on', '8kB', '0x1f', '1.5e3', 'a.b', '\r\n'],
];

const config = fileTarget(
  'config',
  () => [
    text(
      "# DO NOT EDIT\nwal_level = replica\nrestore_command = 'cp /a/%f \"%p\"' # b\nport 5432\nwork_mem=4MB\nfoo.bar = 'x''y\\n'\n",
    ),
    text(
      "include_dir = 'conf.d'\nrecovery_target_time='2026-01-01 00:00:00+00'\nhot_standby on\nx = -0x1F\ny = 1.5e10\n",
    ),
  ],
  (bytes) => {
    for (const { name, value } of parseServerConfig(bytes))
      check(name !== '' && typeof value === 'string', 'no setting');
  },
  CONFIG_WORDS,
);

const relationMap: Target = {
  name: 'relation-map',
  seeds: () =>
    [15, 18].map((version) => {
      const bytes = new Uint8Array(version >= 16 ? 524 : 512);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, 0x592717, true);
      view.setUint32(4, 2, true);
      for (const [i, oid] of [1259, 1259, 1249, 1249].entries()) view.setUint32(8 + 4 * i, oid, true);
      return [bytes, Uint8Array.of(version - 10)];
    }),
  run([bytes = NOTHING, [byte] = NOTHING]) {
    const version = versionOf(byte);
    const sealed = bytes.slice();
    const at = 8 + 8 * (version >= 16 ? 64 : 62);
    if (sealed.length >= at + 4)
      new DataView(sealed.buffer).setUint32(at, crc32c(sealed.subarray(0, at)), true);
    check(readRelationMap(sealed, version).size <= 64, 'too many files');
  },
};

const ZONES = ['Europe/Madrid', 'America/Lima', 'Asia/Kathmandu', 'Africa/Casablanca', 'Etc/GMT+5'];
/** Seconds since 1970 at which zones are looked at. */
const MOMENTS = [-9e12, -62_135_596_800, -2e9, -1, 0, 1_000_000_000, 1_790_000_000, 4_000_000_000, 9e12];

const tzif = fileTarget(
  'tzif',
  () => [
    ...files(ZONES.map((zone) => `/usr/share/zoneinfo/${zone}`)),
    [smallTzif('EET-2EEST,M3.5.0/3,M10.5.0/4')],
    [smallTzif('')],
  ],
  (bytes) => {
    const zone = parseTzif(bytes);
    for (const moment of MOMENTS) {
      const { offset, abbreviation } = zone.at(moment);
      check(Number.isInteger(offset) && typeof abbreviation === 'string', `offset ${offset}`);
    }
    formatTimestampTz(0n, zone);
  },
);

/** Two types, one transition, a footer. */
function smallTzif(footer: string): Uint8Array {
  const block = (timeSize: number): Buffer => {
    const header = Buffer.alloc(44);
    header.write('TZif2');
    for (const [i, count] of [0, 0, 0, 1, 2, 8].entries()) header.writeUInt32BE(count, 20 + 4 * i);
    const types = Buffer.from([0, 0, 28, 32, 0, 0, 0, 0, 42, 48, 1, 4]);
    return Buffer.concat([header, Buffer.alloc(timeSize, 1), Buffer.of(1), types, Buffer.from('EET\0EES\0')]);
  };
  return Buffer.concat([block(4), block(8), Buffer.from(`\n${footer}\n`)]);
}

/** The sources' own functions for text undo each other. */
const encoding = fileTarget(
  'encoding',
  () => [text('ñandú €\u{1f600}'), [Uint8Array.of(0xff, 0xc3, 0xed, 0xa0, 0x80)]],
  (bytes) => {
    check(Buffer.from(encodeText(decodeText(bytes))).equals(bytes), 'text does not become its bytes again');
  },
);

export const fileTargets: readonly Target[] = [
  ...[
    label,
    backupHistory,
    walG,
    increment,
    manifest,
    history,
    tablespaceMap,
    control,
    config,
    relationMap,
    tzif,
    encoding,
  ],
];
