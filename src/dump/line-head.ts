import { rmgrName } from '../rmgr/index.js';
import { type AsciiText, ascii, type TextBuffer } from '../text/text-buffer.js';
import { formatLsnParts } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { kindName } from './kind-name.js';

/** The widest number that fits into `%6u`. */
const MAX_IN_COLUMN = 999_999;

/** A line up to its description, with gaps for the numbers of each record; those of the LSNs' high halves are in it. */
interface Template {
  lsnHi: number;
  prevHi: number;
  text: AsciiText;
  /** Where each decimal number ends and each LSN's low half begins, counted from the line's start. */
  lengthEnd: number;
  totalEnd: number;
  xidEnd: number;
  lsnStart: number;
  prevStart: number;
}

/** By version, then by resource manager and its info bits. High halves change once in 4 GiB. */
const templates: (Template | undefined)[][] = [];

/**
 * Prints the part of the line that all records have, up to the kind of record. Written over a template, since nine
 * tenths of it are the same in each line of a kind (docs/decisions/text.md).
 */
export function writeLineHead(out: TextBuffer, record: WalRecord, version: number): void {
  const { totalLength, imageLength, lsnHi, prevHi, rmid, info } = record;
  if (totalLength > MAX_IN_COLUMN) {
    writeWideHead(out, record, version);
    return;
  }
  templates[version] ??= new Array(256 * 16);
  const ofVersion = templates[version];
  const kind = (rmid << 4) | (info >> 4);
  let template = ofVersion[kind];
  if (template === undefined || template.lsnHi !== lsnHi || template.prevHi !== prevHi) {
    template = makeTemplate(record, version);
    ofVersion[kind] = template;
  }
  const start = out.ascii(template.text);
  out.decimalAt(start + template.lengthEnd, totalLength - imageLength);
  out.decimalAt(start + template.totalEnd, totalLength);
  out.decimalAt(start + template.xidEnd, record.xid);
  out.hexAt(start + template.lsnStart, record.lsnLo);
  out.hexAt(start + template.prevStart, record.prevLo);
}

function makeTemplate(record: WalRecord, version: number): Template {
  const { lsnHi, prevHi } = record;
  let text = rmgrColumn(record);
  /** @returns where the gap ends */
  const gap = (before: string, width: number): number => {
    text += before + ' '.repeat(width);
    return text.length;
  };
  const hex = (hi: number): string => hi.toString(16).toUpperCase();
  const lengthEnd = gap('', 6);
  const totalEnd = gap('/', 6);
  const xidEnd = gap(', tx: ', 10);
  const lsnStart = gap(`, lsn: ${hex(lsnHi)}/`, 8) - 8;
  const prevStart = gap(`, prev ${hex(prevHi)}/`, 8) - 8;
  text += kindText(record, version);
  return { lsnHi, prevHi, text: ascii(text), lengthEnd, totalEnd, xidEnd, lsnStart, prevStart };
}

/** A record longer than the columns are wide. */
function writeWideHead(out: TextBuffer, record: WalRecord, version: number): void {
  const { totalLength, imageLength, xid, lsnText, prevHi, prevLo } = record;
  const lengths = [totalLength - imageLength, totalLength].map((length) => String(length).padStart(6));
  const lsns = `lsn: ${lsnText}, prev ${formatLsnParts(prevHi, prevLo)}`;
  out.text(
    `${rmgrColumn(record)}${lengths.join('/')}, tx: ${String(xid).padStart(10)}, ${lsns}${kindText(record, version)}`,
  );
}

const rmgrColumn = ({ rmid }: WalRecord): string => `rmgr: ${rmgrName(rmid).padEnd(11)} len (rec/tot): `;

function kindText({ rmid, info }: WalRecord, version: number): string {
  return `, desc: ${kindName(rmid, info, version)} `;
}
