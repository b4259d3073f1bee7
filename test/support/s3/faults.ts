import type { IncomingMessage, ServerResponse } from 'node:http';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What goes wrong with a request. */
export type Fault =
  /** 503, as of a store that is busy. */
  | 'slow-down'
  /** 500, as of one that is broken. */
  | 'internal-error'
  | 'access-denied'
  /** The connection breaks before there is an answer … */
  | 'reset'
  /** … or in the middle of it … */
  | 'reset-in-body'
  /** … or the answer says that there is no more than half of it. */
  | 'half-of-it'
  /** There is never an answer … */
  | 'silence'
  /** … or it stops in the middle of it. */
  | 'silence-in-body';

export interface Asked {
  method: string;
  /** Undefined for a list. */
  key: string | undefined;
}

/** Faults to come, and what was asked for. */
export class Faults {
  /** Decides what goes wrong with a request. */
  strike: (asked: Asked) => Fault | undefined = () => undefined;
  readonly asked: Asked[] = [];
  /** The most answers that were on their way at once. */
  mostAtOnce = 0;
  private atOnce = 0;

  /** The next ones of so many requests that fit, and after that no more. */
  next(count: number, fault: Fault, fits: (asked: Asked) => boolean = () => true): void {
    let left = count;
    this.strike = (asked) => (fits(asked) && left-- > 0 ? fault : undefined);
  }

  before(handler: Handler): Handler {
    return (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const [, , ...key] = pathname.split('/');
      const isList = searchParams.has('list-type');
      const asked = {
        method: request.method ?? '',
        key: isList ? undefined : decodeURIComponent(key.join('/')),
      };
      this.asked.push(asked);
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
      response.on('close', () => this.atOnce--);
      this.answer(this.strike(asked), handler, request, response);
    };
  }

  private answer(
    fault: Fault | undefined,
    handler: Handler,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    switch (fault) {
      case 'slow-down':
        sendError(response, 503, 'SlowDown', 'Please reduce your request rate.');
        return;
      case 'internal-error':
        sendError(response, 500, 'InternalError', 'We encountered an internal error.');
        return;
      case 'access-denied':
        sendError(response, 403, 'AccessDenied', 'Access Denied');
        return;
      case 'reset':
        request.socket.destroy();
        return;
      case 'silence':
        return;
      case 'reset-in-body':
        breakOff(response, () => response.socket?.destroy());
        break;
      case 'silence-in-body':
        breakOff(response, () => {});
        break;
      case 'half-of-it':
        halve(response);
        break;
    }
    handler(request, response);
  }
}

export function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.end(response.req.method === 'HEAD' ? undefined : xml);
}

/** Sends half of an answer, and then does something else. */
function breakOff(response: ServerResponse, end: () => void): void {
  const write = response.write.bind(response);
  let sent = 0;
  const send = (piece: Uint8Array): boolean => {
    const half = Math.floor(Number(response.getHeader('content-length')) / 2);
    const some = piece.subarray(0, half - sent);
    sent += some.length;
    write(some, () => sent === half && end());
    return true;
  };
  response.write = send as typeof response.write;
  response.end = ((piece?: Uint8Array) => {
    if (piece) send(piece);
    return response;
  }) as typeof response.end;
}

function halve(response: ServerResponse): void {
  const [write, end] = [response.write.bind(response), response.end.bind(response)];
  let left: number | undefined;
  const some = (piece: Uint8Array): Uint8Array => {
    if (left === undefined) {
      left = Math.floor(Number(response.getHeader('content-length')) / 2);
      response.setHeader('content-length', left);
    }
    const taken = piece.subarray(0, left);
    left -= taken.length;
    return taken;
  };
  response.write = ((piece: Uint8Array) => write(some(piece))) as typeof response.write;
  response.end = ((piece?: Uint8Array) => (piece ? end(some(piece)) : end())) as typeof response.end;
}
