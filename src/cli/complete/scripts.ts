export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What makes a shell ask `walscan __complete`: the words that were typed in, candidates out. */
export const COMPLETION_SCRIPTS: Record<Shell, string> = {
  bash: `# walscan completion bash
_walscan() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line
  [[ $current == "=" ]] && current=""
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      printf -v line "%q" "$line"
      COMPREPLY+=("$line")
    fi
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _walscan walscan
`,
  zsh: `#compdef walscan
_walscan() {
  local -a found
  found=("\${(@f)$("\${words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == ":files" ]]; then
    compset -P '*='
    _files
  elif [[ -n $found[1] ]]; then
    compadd -a found
  fi
}
if [[ $funcstack[1] == _walscan ]]; then _walscan "$@"; else compdef _walscan walscan; fi
`,
  fish: `# walscan completion fish
function __walscan_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l found ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
  if test "$found[1]" = ":files"
    __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
  else
    printf '%s\\n' $found
  end
end
complete -c walscan -f -a '(__walscan_complete)'
`,
};
