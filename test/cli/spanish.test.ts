import { describe, expect, it } from 'vitest';
import { es } from '../../src/cli/messages/es/index.js';
import { SPANISH as tongue } from '../../src/cli/spanish.js';
import { message, received } from '../../src/wal/message.js';
import { runCli } from '../support/cli.js';
import { ENGLISH_WORDS } from '../support/english-words.js';
import { keysInHelp, keysInSources } from '../support/message-keys.js';

const SPANISH = { LC_ALL: 'es_ES.UTF-8' };
const LAB = 'testdata/lab/17';

const texts = Object.values(es)
  .flat()
  .filter((text) => text !== undefined);

const placesOf = (text: string): string[] => [...new Set(text.match(/\{\d+\}/g))].sort();

describe('the Spanish catalog', () => {
  it('has every message of the program, and no other', async () => {
    const keys = new Set([...keysInSources(), ...(await keysInHelp())].map(({ key }) => key));
    const known = new Set(Object.keys(es));
    expect([...keys].filter((key) => !known.has(key))).toEqual([]);
    expect([...known].filter((key) => !keys.has(key))).toEqual([]);
  });

  it('has forms of plurals where there are several things, and there alone', () => {
    for (const { key, hasForms } of keysInSources())
      expect([key, typeof es[key]]).toEqual([key, hasForms ? 'object' : 'string']);
  });

  it('has the values of each message', () => {
    for (const [key, text] of Object.entries(es)) {
      if (typeof text === 'string') expect([key, placesOf(text)]).toEqual([key, placesOf(key)]);
      // how many there are, a form of one may say in words
      else
        for (const form of text.filter((one) => one !== undefined))
          expect([...placesOf(key), '{0}', '{1}']).toEqual(expect.arrayContaining(placesOf(form)));
    }
  });

  it('quotes in one way, and says usted', () => {
    for (const text of texts) {
      // what the server says has its own quotes
      expect(text.replace(/FATAL «.*?»/s, '')).not.toContain('"');
      expect(text).not.toMatch(/\b(?:tú|tu|tus|vuestr\w+|puedes|debes|quieres)\b/i);
    }
  });
});

/** What is said around commands, settings and SQL. */
const wordsOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*(?:walscan|SELECT|\w+ = '|restore_command|\d+ \|)/.test(line))
    .join('\n');

describe('in Spanish', () => {
  const questions: [string[], RegExp][] = [
    [['find-commit', '--rel', '16384', LAB], /identificador de sistema/],
    [['incidents', LAB], /identificador de sistema/],
    [['archive', LAB], /Línea de tiempo 1/],
    [['plan', '--backup', `${LAB}/backup_label`, '--latest', LAB], /Se detiene/],
    [['rows', '--rel', '16384', '--deleted-by', 'last', LAB], /respaldo/],
  ];

  it.each(questions)('%s answers in Spanish alone', async (args, says) => {
    const { stdout, stderr } = await runCli(args, SPANISH);
    expect(stdout + stderr).toBeTruthy();
    const told = Buffer.from(stdout, 'latin1').toString() + stderr;
    expect(told).toMatch(says);
    expect(wordsOf(told)).not.toMatch(ENGLISH_WORDS);
  });

  it.each(questions)('%s gives the same JSON, and ends with the same code', async (args) => {
    const asked = [...args, '--json'];
    const english = await runCli(asked);
    const spanish = await runCli(asked, SPANISH);
    expect(spanish.stdout).toBe(english.stdout);
    expect(spanish.code).toBe(english.code);
  });

  it('is what --lang es asks for, whatever the locale', async () => {
    const { stdout } = await runCli(['archive', '--lang', 'es', LAB]);
    expect(Buffer.from(stdout, 'latin1').toString()).toContain('Línea de tiempo 1');
    expect((await runCli(['archive', '--lang', 'en', LAB], SPANISH)).stdout).toContain('Timeline 1');
  });

  it('leaves dump as pg_waldump prints it', async () => {
    const args = ['dump', `${LAB}/000000010000000000000003.gz`];
    expect(await runCli(args, SPANISH)).toEqual(await runCli(args));
    const zone = { TZ: 'Mars/Olympus' };
    expect(await runCli(args, { ...SPANISH, ...zone })).toEqual(await runCli(args, zone));
  });

  it('says of a language that it does not know in that of the locale', async () => {
    const { stderr } = await runCli(['archive', '--lang', 'fr', LAB], SPANISH);
    expect(stderr).toContain('indique uno de en, es');
  });

  it('is kept by messages on the way from a thread', () => {
    const said = message`cannot read ${'x'}: ${message`Permission denied`}`;
    const sent = received(structuredClone(said));
    expect(tongue.textOf(sent)).toBe('no se puede leer x: Permiso denegado');
    expect(String(sent)).toBe(String(said));
  });
});
