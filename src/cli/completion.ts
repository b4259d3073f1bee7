import { Argument } from 'commander';
import { type Defined, definedAlone, newCommand } from './command.js';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from './complete/scripts.js';
import { EXIT_OK } from './exit-code.js';
import type { Io } from './io.js';

const HELP = `
Each into the file that the shell reads:

  walscan completion bash > ~/.local/share/bash-completion/completions/walscan
  walscan completion zsh > ~/.zfunc/_walscan       (a folder of $fpath)
  walscan completion fish > ~/.config/fish/completions/walscan.fish

It completes commands, options and what they may be, files, and after --table the tables of the base backup that --backup
or the config names.`;

/** `walscan completion`: prints a script for a shell. */
export function define(io: Io): Defined {
  const command = newCommand('walscan completion', io)
    .description('Print a script by which a shell completes the words of walscan.')
    .addArgument(new Argument('<shell>', 'which one').choices([...SHELLS]))
    .addHelpText('after', HELP);
  return definedAlone(command, async (shell: Shell) => {
    io.write(COMPLETION_SCRIPTS[shell]);
    return EXIT_OK;
  });
}
