/**
 * C's `%f` and `%g`, which round halves to even where JavaScript rounds them up, with PostgreSQL's words for what
 * is no number (src/port/snprintf.c).
 */

/** Decimals that are asked of JavaScript: enough to tell an exact half. */
const EXACT = 100;

/** `%f`: six decimals. */
export function formatF(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  // toFixed turns to exponents from here on; there are no decimals any more
  if (magnitude >= 1e21) return `${sign}${BigInt(magnitude)}.000000`;
  const [whole, decimals] = magnitude.toFixed(EXACT).split('.');
  const digits = roundHalfEven(whole + decimals, whole.length + 6);
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

/** `%g`: six significant digits, trailing zeroes left out, an exponent for the very small and the large. */
export function formatG(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0`;
  const [mantissa, power] = Math.abs(value).toExponential(EXACT).split('e');
  let digits = roundHalfEven(mantissa.replace('.', ''), 6);
  let exponent = Number(power);
  if (digits.length > 6) {
    digits = digits.slice(0, 6);
    exponent++;
  }
  if (exponent < -4 || exponent >= 6) {
    const power = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
    return `${sign}${withPoint(digits, 1)}e${power}`;
  }
  return exponent < 0
    ? `${sign}${withPoint('0'.repeat(-exponent) + digits, 1)}`
    : `${sign}${withPoint(digits, exponent + 1)}`;
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value < 0 ? '-Infinity' : 'Infinity';
}

/** The first `count` digits as an integer, rounded by the rest; one digit longer where rounding carries over. */
function roundHalfEven(digits: string, count: number): string {
  const kept = BigInt(digits.slice(0, count));
  const rest = digits.slice(count);
  const half = `5${'0'.repeat(rest.length - 1)}`;
  const up = rest > half || (rest === half && kept % 2n === 1n);
  return String(up ? kept + 1n : kept).padStart(count, '0');
}

/** A point after `whole` digits, unless only zeroes would follow. */
function withPoint(digits: string, whole: number): string {
  const decimals = digits.slice(whole).replace(/0+$/, '');
  return decimals === '' ? digits.slice(0, whole) : `${digits.slice(0, whole)}.${decimals}`;
}
