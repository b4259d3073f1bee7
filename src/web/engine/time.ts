import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../../wal/timestamp.js';

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d)?)$/;

/** A time in ISO 8601 with a zone, to the microsecond. @throws WalError `usage` */
export function timeOf(text: string): TimestampTz {
  const match = TIME.exec(text.trim());
  const [, date = '', clock = '', fraction = '', zone = ''] = match ?? [];
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  const milliseconds = Date.parse(`${date}T${clock}${offset}`);
  if (Number.isNaN(milliseconds)) {
    throw new WalError('usage', message`"${text}" is no time such as 2025-12-24T17:53:45.880038Z`);
  }
  return BigInt(milliseconds) * 1000n + BigInt(fraction.padEnd(6, '0')) - POSTGRES_EPOCH_US;
}

export const optionalTime = (text: string | undefined): TimestampTz | undefined =>
  text === undefined ? undefined : timeOf(text);
