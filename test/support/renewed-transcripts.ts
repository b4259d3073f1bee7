import { ANY_LINES, asShown, splitAt, type Transcript, transcriptsOf } from './transcripts.js';

/** A document with what its commands print now. */
export interface Renewed {
  markdown: string;
  /** Transcripts that show parts which are not printed any more: they are left as they were. */
  byHand: Transcript[];
}

/** @param run gives the lines that a command prints */
export function renewed(markdown: string, run: (command: string) => string[]): Renewed {
  const lines = markdown.split('\n');
  const byHand: Transcript[] = [];
  const found = transcriptsOf(markdown).map((transcript) => ({
    transcript,
    output: renewedOutput(run(transcript.command), transcript.output),
  }));
  // from the last one on, so that the places of those before stay as they are
  for (const { transcript, output } of found.reverse()) {
    const { line, command, output: shown } = transcript;
    if (output === undefined) {
      byHand.unshift(transcript);
      continue;
    }
    const indent = lines[line - 1].slice(0, lines[line - 1].indexOf('$ '));
    const at = line - 1 + command.split('\n').length;
    lines.splice(at, shown.length, ...output.map((text) => `${indent}${text}`.trimEnd()));
  }
  return { markdown: lines.join('\n'), byHand };
}

/**
 * What a command printed, with as many lines before the first `…` and after the last one as the document has there;
 * undefined where what it has between two of them is not there any more.
 */
export function renewedOutput(actual: readonly string[], shown: readonly string[]): string[] | undefined {
  const parts = splitAt(shown);
  if (parts.length === 1) return [...actual];
  const [first, last] = [parts[0], parts.at(-1)!];
  if (first.length + last.length >= actual.length) return [...actual];
  const wanted = [
    ...actual.slice(0, first.length),
    ...parts.slice(1, -1).flatMap((part) => [ANY_LINES, ...part]),
    ...[ANY_LINES, ...actual.slice(actual.length - last.length)],
  ];
  return asShown(actual, wanted).join('\n') === wanted.join('\n') ? wanted : undefined;
}
