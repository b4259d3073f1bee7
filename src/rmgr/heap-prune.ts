import type { ByteView } from '../wal/byte-view.js';
import { arrayText, readU16Array } from './arrays.js';

/** How to freeze a group of tuples: `xl_heap_freeze_plan` of 16, `xlhp_freeze_plan` since 17. */
export interface FreezePlan {
  xmax: number;
  tInfomask2: number;
  tInfomask: number;
  /** `XLH_FREEZE_XVAC`, `XLH_INVALID_XVAC` */
  frzflags: number;
  /** Line pointers of the tuples. */
  offsets: number[];
}

/** What pruning does to a page's line pointers. */
export interface PruneItems {
  /** Pairs: the line pointer, then the one that it is redirected to. */
  redirected: number[];
  nowdead: number[];
  nowunused: number[];
}

/** All that a record of 17 or later may do to a page at once. */
export interface PruneFreeze extends PruneItems {
  plans: FreezePlan[];
}

/** Block 0's data of a PRUNE record of 16: the unused line pointers are those that are left. */
export function readPruneItems(data: ByteView, nredirected: number, ndead: number): PruneItems {
  const deadAt = nredirected * 4;
  const unusedAt = deadAt + ndead * 2;
  return {
    redirected: readU16Array(data, 0, nredirected * 2),
    nowdead: readU16Array(data, deadAt, ndead),
    nowunused: readU16Array(data, unusedAt, (data.length - unusedAt) >> 1),
  };
}

const PLAN_SIZE = 12;

/** Block 0's data of a FREEZE_PAGE record of 16: the plans, then the line pointers of all of them. */
export function readFreezePlans(data: ByteView, nplans: number): FreezePlan[] {
  const plans = readPlans(data, 0, nplans);
  return withOffsets(plans, data, nplans * PLAN_SIZE);
}

interface BarePlan extends FreezePlan {
  ntuples: number;
}

function readPlans(data: ByteView, offset: number, nplans: number): BarePlan[] {
  const within = data.slice(offset, nplans * PLAN_SIZE);
  const plans: BarePlan[] = [];
  for (let at = 0; at < within.length; at += PLAN_SIZE) {
    plans.push({
      xmax: within.u32(at),
      tInfomask2: within.u16(at + 4),
      tInfomask: within.u16(at + 6),
      frzflags: within.u8(at + 8),
      ntuples: within.u16(at + 10),
      offsets: [],
    });
  }
  return plans;
}

function withOffsets(plans: readonly BarePlan[], data: ByteView, offset: number): FreezePlan[] {
  const found: FreezePlan[] = [];
  let at = offset;
  for (const { ntuples, ...plan } of plans) {
    found.push({ ...plan, offsets: readU16Array(data, at, ntuples) });
    at += ntuples * 2;
  }
  return found;
}

const XLHP_HAS_FREEZE_PLANS = 0x10;
const XLHP_HAS_REDIRECTIONS = 0x20;
const XLHP_HAS_DEAD_ITEMS = 0x40;
const XLHP_HAS_NOW_UNUSED_ITEMS = 0x80;

/** Block 0's data since 17 (`heap_xlog_deserialize_prune_and_freeze`): the parts that the flags announce. */
export function readPruneFreeze(data: ByteView, flags: number): PruneFreeze {
  let at = 0;
  let plans: BarePlan[] = [];
  if (flags & XLHP_HAS_FREEZE_PLANS) {
    plans = readPlans(data, 4, data.u16(0));
    at = 4 + plans.length * PLAN_SIZE;
  }
  const redirected = readItems(data, at, flags & XLHP_HAS_REDIRECTIONS, 2);
  at += sizeOfItems(flags & XLHP_HAS_REDIRECTIONS, redirected);
  const nowdead = readItems(data, at, flags & XLHP_HAS_DEAD_ITEMS, 1);
  at += sizeOfItems(flags & XLHP_HAS_DEAD_ITEMS, nowdead);
  const nowunused = readItems(data, at, flags & XLHP_HAS_NOW_UNUSED_ITEMS, 1);
  at += sizeOfItems(flags & XLHP_HAS_NOW_UNUSED_ITEMS, nowunused);
  return { plans: withOffsets(plans, data, at), redirected, nowdead, nowunused };
}

const readItems = (data: ByteView, at: number, isThere: number, perTarget: number): number[] =>
  isThere === 0 ? [] : readU16Array(data, at + 2, data.u16(at) * perTarget);

const sizeOfItems = (isThere: number, items: readonly number[]): number =>
  isThere === 0 ? 0 : 2 + items.length * 2;

/** As 16 prints it: every array, empty or not. */
export function pruneItemsText({ redirected, nowdead, nowunused }: PruneItems): string {
  const dead = `dead:${arrayText(nowdead)}, unused:${arrayText(nowunused)}`;
  return `, nunused: ${nowunused.length}, redirected:${redirectedText(redirected)}, ${dead}`;
}

/** As it is printed since 17: only the arrays that hold something. */
export function pruneFreezeText({ plans, redirected, nowdead, nowunused }: PruneFreeze): string {
  let text = `, nplans: ${plans.length}, nredirected: ${redirected.length / 2}`;
  text += `, ndead: ${nowdead.length}, nunused: ${nowunused.length}`;
  if (plans.length > 0) text += `, plans:${freezePlansText(plans)}`;
  if (redirected.length > 0) text += `, redirected:${redirectedText(redirected)}`;
  if (nowdead.length > 0) text += `, dead:${arrayText(nowdead)}`;
  if (nowunused.length > 0) text += `, unused:${arrayText(nowunused)}`;
  return text;
}

function redirectedText(redirected: readonly number[]): string {
  const pairs: string[] = [];
  for (let i = 0; i < redirected.length; i += 2) pairs.push(`${redirected[i]}->${redirected[i + 1]}`);
  return arrayText(pairs);
}

/** `plan_elem_desc`, for each plan. */
export function freezePlansText(plans: readonly FreezePlan[]): string {
  return arrayText(
    plans.map(({ xmax, tInfomask, tInfomask2, offsets }) => {
      const masks = `infomask: ${tInfomask}, infomask2: ${tInfomask2}`;
      return `{ xmax: ${xmax}, ${masks}, ntuples: ${offsets.length}, offsets:${arrayText(offsets)} }`;
    }),
  );
}
