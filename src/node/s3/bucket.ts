import type { GetObjectCommandOutput, ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { AbortSignalLike } from '../../sources/abort.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import { isNotFound, Replaced, WrongAnswer } from './failure.js';
import { folderNameOf, nameOf } from './location.js';
import { asking, PATIENCE, type Patience, type Try } from './tries.js';

type Sdk = typeof import('@aws-sdk/client-s3');

/** An object, by what comes after the prefix that was asked for. */
export interface Listed {
  name: string;
  size: number;
  /** In milliseconds since 1970; undefined where the store does not say. */
  modified?: number | undefined;
}

/** A page of a list. */
export interface Page {
  files: Listed[];
  /** Without the slash after them. */
  folders: string[];
  /** By which the next page is asked for; undefined after the last. */
  next: string | undefined;
}

/** What an object was when it was first looked at. */
export interface Known {
  size: number;
  /** By which one that has been replaced is known. */
  etag?: string | undefined;
}

const MAY_LIST = 's3:ListBucket on the bucket';
const MAY_READ = 's3:GetObject on it';

/** Pages without anything in them; more than this in a row, and there is no end to them. */
const MOST_EMPTY_PAGES = 1000;

/** The requests that reading a bucket takes. */
export class Bucket {
  private constructor(
    readonly name: string,
    private readonly sdk: Sdk,
    private readonly client: S3Client,
    private readonly patience: Patience,
  ) {}

  /**
   * Loads the SDK, which has its settings from where it always has them. An endpoint that is set is another store than
   * AWS, or a way to it that has no names for buckets: there the bucket stands in the path.
   * @throws WalError `usage` where the SDK is not installed
   */
  static async open(name: string, patience: Patience = PATIENCE): Promise<Bucket> {
    const sdk = await loadSdk(name);
    const client = new sdk.S3Client({
      maxAttempts: 1, // `asking` tries again, also where an answer breaks off
      followRegionRedirects: true,
      // no store has checksums of parts, and some send that of the whole with them
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    const { config } = client;
    const { endpointProvider } = config;
    config.endpointProvider = (given, context) =>
      endpointProvider({ ...given, ForcePathStyle: given.Endpoint !== undefined }, context);
    return new Bucket(name, sdk, client, patience);
  }

  /** What lies at a prefix, as in a folder, page by page. */
  async *pages(prefix: string, signal: AbortSignalLike | undefined): AsyncGenerator<Page> {
    let empty = 0;
    let token: string | undefined;
    do {
      const page = await this.page(prefix, signal, { Delimiter: '/', ContinuationToken: token });
      yield page;
      empty = page.files.length + page.folders.length > 0 ? 0 : empty + 1;
      if (empty > MOST_EMPTY_PAGES || (page.next !== undefined && page.next === token)) {
        throw strange(folderNameOf(this.name, prefix), message`its pages do not come to an end`);
      }
      token = page.next;
    } while (token !== undefined);
  }

  /** One page of all that lies at a prefix or below it, with the paths to it as names; `next` where there is more. */
  page(
    prefix: string,
    signal: AbortSignalLike | undefined,
    more: { Delimiter?: string; ContinuationToken?: string | undefined } = {},
  ): Promise<Page> {
    const name = folderNameOf(this.name, prefix);
    return asking({ name, may: MAY_LIST, signal }, this.patience, async ({ signal: abortSignal }) => {
      // keys may have characters that XML cannot have
      const wanted = { Bucket: this.name, Prefix: prefix, EncodingType: 'url', ...more } as const;
      const listed = await this.client.send(new this.sdk.ListObjectsV2Command(wanted), { abortSignal });
      return pageOf(listed, prefix, name);
    });
  }

  /** How many bytes an object has; undefined where there is none. */
  sizeOf(key: string, signal: AbortSignalLike | undefined): Promise<number | undefined> {
    const asked = { name: nameOf({ bucket: this.name, key }), may: MAY_READ, signal };
    return asking(asked, this.patience, async ({ signal: abortSignal }) => {
      const command = new this.sdk.HeadObjectCommand({ Bucket: this.name, Key: key });
      try {
        const { ContentLength } = await this.client.send(command, { abortSignal });
        if (ContentLength === undefined) throw new WrongAnswer('it does not say how long the object is');
        return ContentLength;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    });
  }

  /**
   * A part of an object. What breaks off is gone on with where it did.
   * @param known what it is held against; gets the ETag where that is not known yet
   */
  async read(
    key: string,
    known: Known,
    from: number,
    to: number,
    signal: AbortSignalLike | undefined,
  ): Promise<Uint8Array> {
    const bytes = new Uint8Array(to - from);
    let size = 0;
    const asked = { name: nameOf({ bucket: this.name, key }), may: MAY_READ, signal };
    await asking(asked, this.patience, async (one) => {
      for await (const piece of this.bodyOf(key, known, from + size, to, one)) {
        if (size + piece.length > bytes.length) throw new WrongAnswer('it gives more than was asked for');
        bytes.set(piece, size);
        size += piece.length;
        one.alive();
      }
      if (size < bytes.length) throw new WrongAnswer(`it ends after ${size} of ${bytes.length} bytes`);
    });
    return bytes;
  }

  private async *bodyOf(
    key: string,
    known: Known,
    from: number,
    to: number,
    { signal: abortSignal }: Try,
  ): AsyncGenerator<Uint8Array> {
    const command = new this.sdk.GetObjectCommand({
      Bucket: this.name,
      Key: key,
      Range: `bytes=${from}-${to - 1}`,
      IfMatch: known.etag,
    });
    const answer = await this.client.send(command, { abortSignal });
    const body = answer.Body as (AsyncIterable<Uint8Array> & { destroy?(): void }) | undefined;
    const destroy = (): void => void body?.destroy?.();
    abortSignal.addEventListener('abort', destroy);
    try {
      checkAnswer(answer, known, from);
      if (body !== undefined) yield* body;
    } finally {
      destroy();
      abortSignal.removeEventListener('abort', destroy);
    }
  }
}

function pageOf(
  {
    EncodingType,
    Contents = [],
    CommonPrefixes = [],
    IsTruncated,
    NextContinuationToken,
  }: ListObjectsV2CommandOutput,
  prefix: string,
  name: string,
): Page {
  const rest = (key = ''): string => {
    const plain = EncodingType === 'url' ? decodeKey(key) : key;
    if (!plain.startsWith(prefix)) throw strange(name, message`${plain} does not lie there`);
    return plain.slice(prefix.length);
  };
  if (IsTruncated && !NextContinuationToken) throw strange(name, message`it does not say where it goes on`);
  return {
    files: Contents.map(({ Key, Size = 0, LastModified }) => ({
      name: rest(Key),
      size: Size,
      modified: LastModified?.getTime(),
    })),
    folders: CommonPrefixes.map(({ Prefix }) => rest(Prefix).slice(0, -1)),
    next: IsTruncated ? NextContinuationToken : undefined,
  };
}

/** Holds the answer's head against what was asked for. */
function checkAnswer(
  { ETag, ContentRange, ContentLength }: GetObjectCommandOutput,
  known: Known,
  from: number,
): void {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(ContentRange ?? '') ?? [];
  // all of it may be given without saying which part that is
  const [start, size] = first === undefined ? [0, ContentLength] : [Number(first), Number(total)];
  if (size !== known.size || (known.etag !== undefined && ETag !== known.etag)) throw new Replaced();
  if (start !== from) throw new WrongAnswer('it gives another part than was asked for');
  known.etag = ETag;
}

const PACKAGE = '@aws-sdk/client-s3';

async function loadSdk(bucket: string): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    const name = nameOf({ bucket, key: '' });
    const text = message`to read ${name} takes the package ${PACKAGE}, which cannot be loaded; install it beside walscan: npm install ${PACKAGE} (with -g where walscan was installed so)`;
    throw new WalError('usage', text, { file: name, cause });
  }
}

/** As forms are encoded: what stands for a space is a plus sign, or `%20`. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', '%20'));
  } catch {
    throw strange(key, message`it is no encoded name`);
  }
}

/** A list that cannot be right: what it leaves out nobody knows. */
function strange(name: string, reason: Message): WalError {
  return new WalError(
    'object-store',
    message`the store lists ${name} in a way that cannot be right: ${reason}`,
    {
      file: name,
    },
  );
}
