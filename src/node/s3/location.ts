import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';

/** What is asked for in a store: an object, all below a prefix, or (with an empty key) all of a bucket. */
export interface Location {
  bucket: string;
  /** As the store has it, without a slash before it. */
  key: string;
}

const SCHEME = 's3://';

/** Whether a path names something in an object store. */
export const isS3Path = (path: string): boolean => path.startsWith(SCHEME);

/** @throws WalError `usage` where it names no bucket */
export function parseLocation(path: string): Location {
  const [, bucket, key = ''] = /^([^/]+)(?:\/(.*))?$/s.exec(path.slice(SCHEME.length)) ?? [];
  if (bucket === undefined) {
    throw new WalError('usage', message`${path} names no bucket: give s3://<bucket>/<prefix>`, {
      file: path,
    });
  }
  return { bucket, key };
}

export const nameOf = ({ bucket, key }: Location): string =>
  key === '' ? `${SCHEME}${bucket}` : `${SCHEME}${bucket}/${key}`;

/** Of a prefix as of a folder: without the slash at its end, unless it is the name of one that is empty. */
export const folderNameOf = (bucket: string, prefix: string): string =>
  nameOf({ bucket, key: /[^/]\/$/.test(prefix) ? prefix.slice(0, -1) : prefix });
