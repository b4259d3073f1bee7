/**
 * float4 and float8 in the shortest form that reads back as the same value, with `extra_float_digits = 1`
 * (PostgreSQL since 12: src/common/d2s.c, f2s.c). PostgreSQL takes the shortest decimal *strictly* between the
 * neighbouring rounding boundaries, where JavaScript also takes one that lies on a boundary (1e23).
 */

interface BinaryFormat {
  mantissaBits: number;
  minExponent: number;
  /** From this decimal exponent on the form is 1e+06. */
  scientificFrom: number;
}

const FLOAT4: BinaryFormat = { mantissaBits: 24, minExponent: -149, scientificFrom: 6 };
const FLOAT8: BinaryFormat = { mantissaBits: 53, minExponent: -1074, scientificFrom: 15 };

export const formatFloat4 = (value: number): string => format(value, FLOAT4);
export const formatFloat8 = (value: number): string => format(value, FLOAT8);

function format(value: number, binary: BinaryFormat): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}Infinity`;
  if (magnitude === 0) return `${sign}0`;
  const { digits, exponent } = shortest(magnitude, binary);
  return sign + layOut(digits, exponent, binary.scientificFrom);
}

/** A decimal `d.ddd × 10^exponent`, its digits without the point. */
interface Decimal {
  digits: string;
  exponent: number;
}

function shortest(value: number, binary: BinaryFormat): Decimal {
  // A decimal on a boundary needs one bit more than the mantissa has: for a float8 only far-off integers do.
  if (binary === FLOAT8 && value < 2 ** 53) return parseExponential(value.toExponential());
  return shortestExact(value, binary);
}

function parseExponential(text: string): Decimal {
  const [mantissa, exponent] = text.split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

/** The shortest decimal strictly within the boundaries of `value`, nearest to it, in exact arithmetic. */
function shortestExact(value: number, binary: BinaryFormat): Decimal {
  // one more than the logarithm says, which may be rounded either way, then down to a full mantissa
  let exponent = Math.floor(Math.log2(value)) - binary.mantissaBits + 2;
  while (exponent > binary.minExponent && value / 2 ** exponent < 2 ** (binary.mantissaBits - 1)) exponent--;
  exponent = Math.max(exponent, binary.minExponent);
  const mantissa = BigInt(value / 2 ** exponent);
  const narrow = mantissa === 1n << BigInt(binary.mantissaBits - 1) && exponent > binary.minExponent;
  // all in quarters of the mantissa's last place, over the common denominator 2^scale or 10^power
  const scale = 2 - exponent;
  const up = scale < 0 ? 1n << BigInt(-scale) : 1n;
  const down = scale > 0 ? 1n << BigInt(scale) : 1n;
  const exact = mantissa * 4n * up;
  const low = exact - (narrow ? 1n : 2n) * up;
  const high = exact + 2n * up;
  for (let power = Math.floor(Math.log10(value)) + 1; ; power--) {
    const numerator = power < 0 ? 10n ** BigInt(-power) : 1n;
    const unit = (power > 0 ? 10n ** BigInt(power) : 1n) * down;
    const below = (exact * numerator) / unit;
    const candidates = [below, below + 1n].filter(
      (n) => n * unit > low * numerator && n * unit < high * numerator,
    );
    if (candidates.length === 0) continue;
    const distance = (n: bigint) => {
      const d = n * unit - exact * numerator;
      return d < 0n ? -d : d;
    };
    let best = candidates[0];
    if (candidates.length > 1) {
      const difference = distance(candidates[1]) - distance(best);
      if (difference < 0n || (difference === 0n && best % 2n === 1n)) best = candidates[1];
    }
    const all = best.toString();
    return { digits: all.replace(/0+$/, ''), exponent: power + all.length - 1 };
  }
}

function layOut(digits: string, exponent: number, scientificFrom: number): string {
  if (exponent < -4 || exponent >= scientificFrom) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return digits.length > exponent + 1 ? `${whole}.${digits.slice(exponent + 1)}` : whole;
}
