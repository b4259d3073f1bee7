import { type Defined, definedAlone, newCommand } from './command.js';
import { EXIT_OK } from './exit-code.js';
import type { Io } from './io.js';

const HELP = `
The command is run again, and what it prints is thrown away. Names, values and paths are replaced by what kind they are.
Have a look before you send it.`;

/** `walscan bug-report`: what an issue has to say, without any data. */
export function define(io: Io): Defined {
  const command = newCommand('walscan bug-report', io)
    .description(
      'Print what a report of a bug has to say, as Markdown, and no data: versions, the command, how it ended, what kind of files it read.',
    )
    .usage('[options] -- <command> [arguments]')
    // the options of the command are no options of its own, with `--` or without
    .passThroughOptions()
    .argument('[words...]', 'the command that goes wrong, without "walscan": incidents /archive')
    .addHelpText('after', HELP);
  return definedAlone(command, async (words: string[]) => {
    const { bugReport } = await import('./bug-report/report.js');
    io.write(await bugReport(words));
    return EXIT_OK;
  });
}
