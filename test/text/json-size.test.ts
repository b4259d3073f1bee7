import { describe, expect, it } from 'vitest';
import { isTooMuchJson } from '../../src/text/json-size.js';

const bytes = (text: string, count: number): Uint8Array => Buffer.from(`[${text.repeat(count)}`);

describe('JSON that is too much', () => {
  it('tells of more than a million files', () => {
    const file = '{"Path":"base/5/1259","Size":8192,"Last-Modified":"","Checksum-Algorithm":"NONE"},';
    expect(isTooMuchJson(bytes(file, 1_000_000))).toBe(false);
    expect(isTooMuchJson(bytes(file, 1_200_000))).toBe(true);
  });

  it('has many values, of whatever kind', () => {
    expect(isTooMuchJson(bytes('1,', 7_000_000))).toBe(false);
    expect(isTooMuchJson(bytes('1,', 9_000_000))).toBe(true);
    expect(isTooMuchJson(bytes('[', 2_000_000))).toBe(true);
    expect(isTooMuchJson(bytes('{}', 2_000_000))).toBe(true);
  });
});
