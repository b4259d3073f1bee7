import { statSync } from 'node:fs';
import { parseLsn } from '../../wal/lsn.js';

/** Words of walscan's own that stand for themselves wherever they are. */
const OWN_WORDS: ReadonlySet<string> = new Set(
  'json csv sql copy table stop skip commit lsn latest current last all en es bash zsh fish'.split(' '),
);

/** An argument without data in it. */
export interface PlainWord {
  text: string;
  /** The path that it stands for. */
  path?: string;
}

/**
 * Arguments with what is the user's own replaced by its kind: no word comes out of this but walscan's.
 * @param known the command's options
 */
export function plainWords(words: readonly string[], known: ReadonlySet<string>): PlainWord[] {
  let paths = 0;
  const plainOf = (word: string): PlainWord => {
    if (OWN_WORDS.has(word) || word === '--') return { text: word };
    if (/^\d+$/.test(word)) return { text: 'NUMBER' };
    if (parseLsn(word) !== undefined) return { text: 'LSN' };
    if (word.startsWith('s3://')) return { text: 's3://…' };
    return isThere(word) ? { text: `PATH${++paths}`, path: word } : { text: 'VALUE' };
  };
  return words.map((word) => {
    const [, long, value] = /^(--[\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (long !== undefined) {
      const name = known.has(long) ? long : '--OPTION';
      if (value === undefined) return { text: name };
      const plain = plainOf(value);
      return { ...plain, text: `${name}=${plain.text}` };
    }
    const [, short, attached] = /^(-[a-zA-Z?])(.*)$/s.exec(word) ?? [];
    if (short !== undefined) return { text: attached === '' ? short : `${short} VALUE` };
    return plainOf(word);
  });
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
