/** Whether a file begins as OpenPGP does: with a session key, encrypted to a public key or a passphrase (RFC 9580, 5.1, 5.3). */
export function beginsAsPgp([header = 0, length = 0, ...rest]: Uint8Array): boolean {
  const isNew = (header & 0x40) !== 0;
  const tag = isNew ? header & 0x3f : (header >> 2) & 0x0f;
  const skipped = isNew ? (length < 192 ? 0 : length < 224 ? 1 : 4) : 2 ** (header & 3) - 1;
  const version = rest[skipped];
  if ((header & 0x80) === 0) return false;
  return (tag === 1 && (version === 3 || version === 6)) || (tag === 3 && version >= 4 && version <= 6);
}
