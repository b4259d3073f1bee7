/**
 * Which branches of the sources were taken since the last look: the fuzzing build notes each in `__taken`
 * (tsup.config.ts).
 */
const scope = globalThis as { __taken?: Uint8Array };
scope.__taken ??= new Uint8Array(1 << 14);
const words = new Int32Array(scope.__taken.buffer);
const known = new Int32Array(words.length);

/** Forgets the branches taken. @returns whether one was among them that never was before */
export function hasNewBranch(): boolean {
  let isNew = false;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === 0) continue;
    if ((words[i] & ~known[i]) !== 0) {
      known[i] |= words[i];
      isNew = true;
    }
    words[i] = 0;
  }
  return isNew;
}

export function forgetBranches(): void {
  words.fill(0);
  known.fill(0);
}

export function branchesTaken(): number {
  return new Uint8Array(known.buffer).reduce((sum, one) => sum + one, 0);
}
