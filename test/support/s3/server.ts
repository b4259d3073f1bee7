import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Faults, type Handler } from './faults.js';

/** As the SDK looks for them: those that s3rver knows. */
const SETTINGS = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_ACCESS_KEY_ID: 'S3RVER',
  AWS_SECRET_ACCESS_KEY: 'S3RVER',
  AWS_REGION: 'us-east-1',
};

/** A store at an address of this machine, and what goes wrong with it. */
export class S3Server {
  readonly faults = new Faults();
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor() {}

  /** s3rver, with faults before it. It takes signatures for wrong that are of a bucket's path with its slash. */
  static async start(): Promise<S3Server> {
    const server = new S3Server();
    const directory = mkdtempSync(join(tmpdir(), 'walscan-s3-'));
    const store = new S3rver({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory,
      allowMismatchedSignatures: true,
    });
    const { port } = await store.run();
    server.closers.push(async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    });
    await server.listen(passOnTo(port));
    return server;
  }

  /** Another store, with faults before it. */
  static async with(handler: Handler): Promise<S3Server> {
    const server = new S3Server();
    await server.listen(handler);
    return server;
  }

  endpoint = '';
  /** What stands behind the faults. */
  answer: Handler = () => {};

  private async listen(handler: Handler): Promise<void> {
    this.answer = handler;
    const http = createServer(this.faults.before((...exchange) => this.answer(...exchange)));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    this.endpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    this.closers.unshift(
      () =>
        new Promise((resolve) => {
          http.close(resolve);
          http.closeAllConnections();
        }),
    );
  }

  /** The variables of the environment by which the SDK finds it. */
  get settings(): Record<string, string> {
    return { ...SETTINGS, AWS_ENDPOINT_URL: this.endpoint };
  }

  /** Puts files into a bucket, which is made. */
  async put(bucket: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    const client = new S3Client({
      endpoint: this.endpoint,
      region: SETTINGS.AWS_REGION,
      forcePathStyle: true,
      credentials: {
        accessKeyId: SETTINGS.AWS_ACCESS_KEY_ID,
        secretAccessKey: SETTINGS.AWS_SECRET_ACCESS_KEY,
      },
    });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const [Key, Body] of Object.entries(files)) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    }
    client.destroy();
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }
}

/** With the headers as they came: the signature is of them. */
function passOnTo(port: number): Handler {
  return (request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request;
    const passed = sendRequest({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      response.statusCode = answer.statusCode ?? 500;
      for (const [name, value = ''] of Object.entries(answer.headers)) response.setHeader(name, value);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  };
}
