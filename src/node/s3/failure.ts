import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';

/** What the SDK says of a request that failed, as far as it says it. */
interface Failure {
  /** The store's own code, such as `NoSuchKey`, or that of the system or the SDK. */
  code: string;
  /** Of HTTP; undefined where the store has not answered. */
  status: number | undefined;
  message: string;
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'unknown', status: undefined, message: String(error) };
  const { name, message, code, $metadata } = error as Error & {
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  const said = typeof code === 'string' ? code : name;
  // an answer without a body, as to HEAD, has no code but its status
  return { code: /^Unknown/.test(said) ? `HTTP ${status}` : said, status, message };
}

/** Nothing came for so long. */
export class Stalled extends Error {
  constructor(milliseconds: number) {
    super(`nothing came for ${milliseconds / 1000} seconds`);
    this.name = 'Stalled';
  }
}

/** An answer that is none: less than was asked for, or not what was asked for. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

/** The object is not what it was when it was first looked at. */
export class Replaced extends Error {
  override readonly name = 'Replaced';
}

/** Codes under which a store says that another try may do, whatever status it gives them. */
const TRANSIENT = /^(?:SlowDown|Throttl|RequestTimeout|RequestTimeTooSkewed|TooManyRequests)/;

/** What another try would not change, that the SDK says before anything is sent. */
const SETTINGS =
  /^(?:CredentialsProviderError|TokenProviderError|EndpointError|ENOTFOUND|ERR_INVALID_URL|TypeError)$/;

/** Whether another try may do: the store may be busy, or the way to it cut off. */
export function isTransient(error: unknown): boolean {
  if (error instanceof WalError || error instanceof Replaced) return false;
  const { code, status, message } = failureOf(error);
  if (TRANSIENT.test(code)) return true;
  if (status !== undefined && status >= 300 && status < 500) return status === 408 || status === 429;
  return !SETTINGS.test(code) && !NO_REGION.test(message);
}

const NO_REGION = /^Region (?:is missing|not accepted)/;

const NO_CREDENTIALS = message`there are no credentials for it: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
const BAD_CREDENTIALS = message`check the credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)`;

/** Whether a store answers that there is nothing of that name. */
export const isNotFound = (error: unknown): boolean => failureOf(error).status === 404;

/** What is at a place and cannot be had, however often it is asked for: as with a file, the rest can be read. */
const UNREADABLE: Readonly<Record<string, (may: string) => Message>> = {
  NoSuchBucket: () => message`there is no such bucket; check its name, and AWS_ENDPOINT_URL and AWS_REGION`,
  NoSuchKey: () => message`it is gone since its folder was listed; ask again`,
  AccessDenied: denied,
  Forbidden: denied,
  'HTTP 403': denied,
  AllAccessDisabled: denied,
  InvalidObjectState: () =>
    message`it is in an archive tier; bring it back first (aws s3api restore-object), or give a copy`,
  Replaced: replaced,
  PreconditionFailed: replaced,
  InvalidRange: replaced,
};

function replaced(): Message {
  return message`it was replaced while it was being read; ask again`;
}

function denied(may: string): Message {
  return message`access is denied; the credentials must allow ${may}`;
}

/** What makes that nothing can be had, and what to do about it. */
const ADVICE: readonly [RegExp, Message][] = [
  [/^CredentialsProviderError$/, NO_CREDENTIALS],
  [/^(?:Expired|TokenRefreshRequired)/, message`the credentials have expired; get new ones`],
  [
    /^(?:InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|AuthorizationHeaderMalformed|Unauthorized)/,
    BAD_CREDENTIALS,
  ],
  [/^(?:PermanentRedirect|MovedPermanently)/, message`the bucket is in another region; set AWS_REGION`],
  [/^(?:ENOTFOUND|ERR_INVALID_URL)$/, message`there is no such host; check AWS_ENDPOINT_URL`],
  [/^(?:SlowDown|Throttl|ServiceUnavailable|TooManyRequests)/, message`the store is busy; ask again later`],
  [
    /^E(?:CONN|HOST|NET|PIPE)/,
    message`it cannot be reached; check AWS_ENDPOINT_URL and the network, and ask again`,
  ],
];

/**
 * Why something of a store could not be had.
 * @param may what the credentials must allow
 * @param tries how often it was asked for
 * @returns WalError `unreadable` for what is not there or not to be had; `object-store` where the store failed
 */
export function storeError(name: string, error: unknown, may: string, tries = 1): WalError {
  if (error instanceof WalError) return error;
  const failure = failureOf(error);
  const { code, message: text } = failure;
  const cause = withoutConnection(error);
  const reason = Object.hasOwn(UNREADABLE, code) ? UNREADABLE[code](may) : undefined;
  if (reason !== undefined) {
    return new WalError('unreadable', message`cannot read ${name}: ${reason}`, { file: name, cause });
  }
  const said = NO_REGION.test(text)
    ? message`no region is set, or none that can be: set AWS_REGION, for other stores than AWS to us-east-1`
    : adviceOn(failure);
  const often = tries > 1 ? message` (${tries} tries)` : '';
  return new WalError('object-store', message`the store gave no answer for ${name}${often}: ${said}`, {
    file: name,
    cause,
  });
}

/** The SDK's errors lead to all that belongs to their connection, the signature of the request among it. */
function withoutConnection(error: unknown): unknown {
  if (!(error instanceof Error && '$response' in error)) return error;
  const { name, message } = error;
  return Object.assign(new Error(message), { name });
}

function adviceOn({ code, message: text }: Failure): Message {
  const what = text === '' || text === code ? code : `${code}: ${text}`;
  const [, advice] = ADVICE.find(([codes]) => codes.test(code)) ?? [];
  return advice === undefined ? message`${what}; ask again` : message`${advice} (${what})`;
}
