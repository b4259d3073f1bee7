import { Gunzip } from 'fflate';
import { concat } from './concat.js';
import { crc32 } from './crc32.js';
import { saidBy, WalError } from './error.js';
import { type Message, message } from './message.js';

/** CRC-32 and length of a member, at its end. */
const TRAILER_SIZE = 8;
/** More than the header of a member has, which is a file's name for the most part. */
const LARGEST_HEADER = 4096;
/** After so many bytes without any output there is none to come: empty blocks, or a header without an end. */
const MOST_WITHOUT_OUTPUT = 1024 * 1024;
/** What gzip makes of nothing. */
const EMPTY_MEMBER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/**
 * Unpacks gzip piece by piece: one member, or several. fflate does the unpacking; that what comes is what was packed,
 * and all of it, is checked here.
 * Format: RFC 1952.
 */
export class GunzipStream {
  private readonly inflater = new Gunzip((part) => this.take(part));
  private parts: Uint8Array[] = [];
  /** Of the member that is being unpacked. */
  private crc = 0;
  private size = 0;
  /** How many stored bytes there were, and the last of them. */
  private stored = 0;
  private last: Uint8Array = new Uint8Array(0);
  /** Where the last member ends whose end has been met. */
  private memberEnd = 0;
  /** How many stored bytes have come since something was unpacked or a member ended. */
  private idle = 0;
  private damage: Message | undefined;

  constructor(private readonly output: (part: Uint8Array) => void) {
    this.inflater.onmember = (at) => this.endMember(at);
  }

  /** @throws WalError `corrupt-compression`, after all that comes before the damage; what `output` throws */
  push(chunk: Uint8Array): void {
    this.last = concat([this.last.subarray(-LARGEST_HEADER - TRAILER_SIZE), chunk]);
    this.stored += chunk.length;
    this.idle += chunk.length;
    this.inflate(chunk);
    if (this.idle > MOST_WITHOUT_OUTPUT) this.damage ??= message`${this.idle} bytes of it stand for nothing`;
    const { parts } = this;
    this.parts = [];
    for (const part of parts) this.output(part);
    if (this.damage !== undefined) throw corrupt(this.damage);
  }

  /** @throws WalError `corrupt-compression` where the input has ended within a member */
  end(): void {
    // fflate tells the end of a member by the next one's beginning, and takes this for more of one that goes on
    this.inflate(EMPTY_MEMBER);
    if (this.memberEnd !== this.stored) throw corrupt(message`the file ends too early`);
    if (this.damage !== undefined) throw corrupt(this.damage);
  }

  private inflate(chunk: Uint8Array): void {
    try {
      this.inflater.push(chunk);
    } catch (error) {
      // nothing but the library can have failed
      this.damage ??= message`the data are damaged (${saidBy(error)})`;
    }
  }

  private take(part: Uint8Array): void {
    if (part.length === 0 || this.damage !== undefined) return;
    this.idle = 0;
    this.crc = crc32(part, this.crc);
    this.size = (this.size + part.length) % 2 ** 32;
    this.parts.push(part);
  }

  /** @param end how many stored bytes come before the next member */
  private endMember(end: number): void {
    this.idle = 0;
    this.memberEnd = end;
    const at = this.last.length - (this.stored - end) - TRAILER_SIZE;
    if (at < 0) this.damage ??= message`it has a header that is too long`;
    else {
      const trailer = new DataView(this.last.buffer, this.last.byteOffset + at, TRAILER_SIZE);
      if (trailer.getUint32(0, true) !== this.crc) this.damage ??= message`the checksum does not fit`;
      else if (trailer.getUint32(4, true) !== this.size) this.damage ??= message`the length does not fit`;
    }
    this.crc = 0;
    this.size = 0;
  }
}

function corrupt(why: Message): WalError {
  return new WalError('corrupt-compression', why);
}
