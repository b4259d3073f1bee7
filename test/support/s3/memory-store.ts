import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendError } from './faults.js';

/** AWS gives no more at once. */
const PAGE_SIZE = 1000;

/**
 * One bucket in memory, for what s3rver cannot do: keys that are no names of files, more than one page, conditions.
 * As the API reference of Amazon S3 has it (ListObjectsV2, HeadObject, GetObject).
 */
export class MemoryStore {
  readonly objects = new Map<string, Uint8Array>();
  /** Those that nobody may read. */
  readonly secret = new Set<string>();

  constructor(
    readonly bucket: string,
    objects: Readonly<Record<string, Uint8Array>> = {},
  ) {
    for (const [key, bytes] of Object.entries(objects)) this.objects.set(key, bytes);
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const [path, query] = (request.url ?? '').split('?');
    const [, bucket, ...rest] = path.split('/');
    const params = new URLSearchParams(query);
    if (bucket !== this.bucket) sendError(response, 404, 'NoSuchBucket', 'There is no such bucket');
    else if (params.get('list-type') === '2') this.list(params, response);
    else this.get(decodeURIComponent(rest.join('/')), request, response);
  };

  private list(params: URLSearchParams, response: ServerResponse): void {
    const prefix = params.get('prefix') ?? '';
    const delimiter = params.get('delimiter') ?? '';
    const after = params.get('continuation-token') ?? '';
    const most = Math.min(PAGE_SIZE, Number(params.get('max-keys') ?? PAGE_SIZE));
    const found = new Map<string, Uint8Array | undefined>();
    for (const [key, bytes] of this.objects) {
      if (!key.startsWith(prefix)) continue;
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      if (end === -1) found.set(key, bytes);
      else found.set(key.slice(0, end + delimiter.length), undefined);
    }
    const left = [...found].filter(([name]) => name > after).sort(([a], [b]) => (a < b ? -1 : 1));
    const page = left.slice(0, most);
    const items = page.map(([name, bytes]) =>
      bytes === undefined
        ? `<CommonPrefixes><Prefix>${encodeKey(name)}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${encodeKey(name)}</Key><Size>${bytes.length}</Size></Contents>`,
    );
    const next =
      left.length > most
        ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${escaped(page.at(-1)![0])}</NextContinuationToken>`
        : '<IsTruncated>false</IsTruncated>';
    const xml = Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><EncodingType>url</EncodingType>${items.join('')}${next}</ListBucketResult>`,
    );
    response.setHeader('content-type', 'application/xml');
    response.setHeader('content-length', xml.length);
    response.end(xml);
  }

  private get(key: string, { method, headers }: IncomingMessage, response: ServerResponse): void {
    const bytes = this.objects.get(key);
    const etag = bytes && etagOf(bytes);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const [from, to] = [Number(first), Math.min(Number(last) + 1, bytes?.length ?? 0)];
    if (this.secret.has(key)) sendError(response, 403, 'AccessDenied', 'Access Denied');
    else if (bytes === undefined || etag === undefined) {
      sendError(response, 404, 'NoSuchKey', 'There is no such key');
    } else if ((headers['if-match'] ?? etag) !== etag) {
      sendError(response, 412, 'PreconditionFailed', 'It is another one');
    } else if (method === 'HEAD') {
      response.setHeader('etag', etag);
      response.setHeader('content-length', bytes.length);
      response.end();
    } else if (from < to) {
      response.statusCode = 206;
      response.setHeader('etag', etag);
      response.setHeader('content-range', `bytes ${from}-${to - 1}/${bytes.length}`);
      response.setHeader('content-length', to - from);
      response.end(bytes.subarray(from, to));
    } else sendError(response, 416, 'InvalidRange', 'There is no such part');
  }
}

const etags = new WeakMap<Uint8Array, string>();

function etagOf(bytes: Uint8Array): string {
  const known = etags.get(bytes) ?? `"${createHash('md5').update(bytes).digest('hex')}"`;
  etags.set(bytes, known);
  return known;
}

const encodeKey = (key: string): string =>
  encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
