export interface OptionSpec {
  /** Without the dashes; the name by which it is reported. */
  long: string;
  short?: string;
  /** `optional`: in the long form only, as `--long=value`. */
  argument: 'none' | 'required' | 'optional';
  /** Not to be shortened: so that what options were short for stays as it was. */
  exact?: true;
}

/** Wrong use of options, in the words of the C library. */
export class OptionError extends Error {}

/**
 * Takes options as C programs with `getopt_long` do, whose grammar general option parsers do not share: an
 * optional argument never takes the next word, short options may be joined (`-bn5`), long ones shortened
 * (`--lim=5`), and options may follow operands unless `--` comes first.
 * @param found called with each option in the order given
 * @returns the operands
 * @throws OptionError, and whatever `found` throws
 */
export function getopt(
  args: readonly string[],
  specs: readonly OptionSpec[],
  found: (long: string, value: string | undefined) => void,
): string[] {
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '--') return [...operands, ...args.slice(i + 1)];
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      const { long, argument } = longOption(name, arg, specs);
      let value = equals < 0 ? undefined : arg.slice(equals + 1);
      if (value !== undefined && argument === 'none') {
        throw new OptionError(`option '--${long}' doesn't allow an argument`);
      }
      if (value === undefined && argument === 'required') {
        value = args[++i];
        if (value === undefined) throw new OptionError(`option '--${long}' requires an argument`);
      }
      found(long, value);
    } else if (arg.startsWith('-') && arg !== '-') {
      for (let at = 1; at < arg.length; at++) {
        const spec = specs.find(({ short }) => short === arg[at]);
        if (spec === undefined) throw new OptionError(`invalid option -- '${arg[at]}'`);
        if (spec.argument !== 'required') {
          found(spec.long, undefined);
          continue;
        }
        const value = at + 1 < arg.length ? arg.slice(at + 1) : args[++i];
        if (value === undefined) throw new OptionError(`option requires an argument -- '${arg[at]}'`);
        found(spec.long, value);
        break;
      }
    } else {
      operands.push(arg);
    }
  }
  return operands;
}

function longOption(name: string, arg: string, specs: readonly OptionSpec[]): OptionSpec {
  const exact = specs.find(({ long }) => long === name);
  if (exact !== undefined) return exact;
  const possible = specs.filter(({ long, exact }) => !exact && long.startsWith(name));
  if (possible.length === 1) return possible[0];
  if (possible.length === 0) throw new OptionError(`unrecognized option '${arg}'`);
  const names = possible.map(({ long }) => `'--${long}'`).join(' ');
  throw new OptionError(`option '${arg}' is ambiguous; possibilities: ${names}`);
}
