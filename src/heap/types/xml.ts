import { decodeText } from '../../text/encoding.js';
import type { Output } from './type.js';

/** An XML declaration; anything else that begins so, as `<?xml-stylesheet`, is none. */
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"[^"]*"|'[^']*'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(yes|no)"|'(yes|no)'))?[ \t\r\n]*\?>/;

/**
 * xml: stored with its declaration, which prints without the encoding, and not at all where it says nothing more than
 * version 1.0 (`xml_out_internal`, src/backend/utils/adt/xml.c).
 */
export const xml: Output = (v) => {
  const text = decodeText(v.bytes(0));
  const declaration = DECLARATION.exec(text);
  if (!declaration) return text;
  const [whole, double, single, doubleAlone, singleAlone] = declaration;
  const version = double ?? single;
  const standalone = doubleAlone ?? singleAlone;
  const rest = text.slice(whole.length);
  if (version === '1.0' && standalone === undefined) return rest.replace(/^\n/, '');
  return `<?xml version="${version}"${standalone === undefined ? '' : ` standalone="${standalone}"`}?>${rest}`;
};
