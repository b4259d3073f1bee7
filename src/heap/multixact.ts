import { ByteView } from '../wal/byte-view.js';
import type { MultixactMember, SlruPage } from './visibility.js';

/**
 * Members of multixacts: those created in the WAL, before them what pg_multixact of the backup has (PostgreSQL:
 * src/backend/access/transam/multixact.c).
 */

/** Members lie in groups of four: a byte of status for each, then the transaction ids. */
const GROUP_MEMBERS = 4;
const GROUP_SIZE = 20;

/** More members than this are taken for damage. */
const MAX_MEMBERS = 1 << 16;

export class MultixactLog {
  private readonly fromWal = new Map<number, readonly MultixactMember[]>();

  /**
   * @param offsets pages of pg_multixact/offsets
   * @param memberPages pages of pg_multixact/members
   */
  constructor(
    private readonly offsets: SlruPage,
    private readonly memberPages: SlruPage,
    private readonly blockSize: number,
    private readonly version: number,
  ) {}

  create(multi: number, members: readonly MultixactMember[]): void {
    this.fromWal.set(multi, members);
  }

  readonly members = (multi: number): readonly MultixactMember[] | undefined =>
    this.fromWal.get(multi) ?? this.membersInPages(multi);

  private membersInPages(multi: number): MultixactMember[] | undefined {
    const start = this.offsetOf(multi);
    if (start === undefined || start === 0) return undefined;
    // the next multixact begins where this one ends; where it is not written yet, unused members are zero
    const end = this.offsetOf(multi + 1) || start + MAX_MEMBERS;
    const members: MultixactMember[] = [];
    for (let offset = start; offset < end && offset < start + MAX_MEMBERS; offset++) {
      const member = this.memberAt(offset);
      if (!member) break;
      members.push(member);
    }
    return members.length > 0 ? members : undefined;
  }

  /** Where the members begin; since 19 offsets have 64 bits, before 32. */
  private offsetOf(multi: number): number | undefined {
    const size = this.version >= 19 ? 8 : 4;
    const perPage = this.blockSize / size;
    const page = this.offsets(Math.floor(multi / perPage));
    if (!page) return undefined;
    const at = (multi % perPage) * size;
    const view = ByteView.of(page);
    return size === 8 ? Number(view.u64(at)) : view.u32(at);
  }

  private memberAt(offset: number): MultixactMember | undefined {
    const groupsPerPage = Math.floor(this.blockSize / GROUP_SIZE);
    const group = Math.floor(offset / GROUP_MEMBERS);
    const page = this.memberPages(Math.floor(group / groupsPerPage));
    if (!page) return undefined;
    const view = ByteView.of(page);
    const at = (group % groupsPerPage) * GROUP_SIZE;
    const member = offset % GROUP_MEMBERS;
    const xid = view.u32(at + GROUP_MEMBERS + member * 4);
    return xid === 0 ? undefined : { xid, status: view.u8(at + member) };
  }
}
