import { describe, expect, it } from 'vitest';
import { fileKind } from '../../src/sources/file-name.js';

const sha1 = '0123456789abcdef0123456789abcdef01234567';
const segment = '00000001000000000000000A';

describe('fileKind', () => {
  it.each([
    segment,
    `${segment}.gz`,
    `${segment}.zst`,
    `${segment}.lz4`,
    `${segment}.bz2`,
    `${segment}.xz`,
    `${segment}-${sha1}`,
    `${segment}-${sha1}.gz`,
    `${segment}-${sha1}.zst`,
  ])('takes %s for a whole segment', (name) => {
    expect(fileKind(name)).toEqual({ kind: 'segment', segment, partial: false });
  });

  it.each([
    `${segment}.partial`,
    `${segment}.partial.gz`,
    `${segment}.gz.partial`,
    `${segment}.partial.lz4`,
    `${segment}.partial-${sha1}.gz`,
  ])('takes %s for a partial segment', (name) => {
    expect(fileKind(name)).toEqual({ kind: 'segment', segment, partial: true });
  });

  it.each([
    ['00000002.history', { kind: 'history', timeline: 2 }],
    ['0000000A.history.gz', { kind: 'history', timeline: 10 }],
    [`${segment}.00000028.backup`, { kind: 'backup-history', segment }],
    [`${segment}.00000028.backup.zst`, { kind: 'backup-history', segment }],
    ['backup_label', { kind: 'backup-label' }],
    ['backup_manifest.gz', { kind: 'backup-manifest' }],
    [`${segment}.ready`, { kind: 'archive-status', file: segment, status: 'ready' }],
    ['00000002.history.done', { kind: 'archive-status', file: '00000002.history', status: 'done' }],
    [
      `${segment}.00000028.backup.ready`,
      { kind: 'archive-status', file: `${segment}.00000028.backup`, status: 'ready' },
    ],
  ])('takes %s for what it is', (name, kind) => {
    expect(fileKind(name)).toEqual(kind);
  });

  it.each([
    '',
    'README',
    'base.tar.gz',
    segment.toLowerCase(),
    segment.slice(1),
    `${segment}0`,
    `${segment}.tmp`,
    `${segment}-${sha1.slice(1)}.gz`,
    `x${segment}`,
    'xlogtemp.1234',
    'RECOVERYHISTORY',
    'pg_control',
  ])('passes over %s', (name) => {
    expect(fileKind(name)).toEqual({ kind: 'other' });
  });
});
