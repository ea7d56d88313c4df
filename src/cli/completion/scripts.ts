/**
 * Completion for shells. Each script asks the program itself, so that it is never older than its commands. It asks the one on the PATH:
 * Tab after `./claude-bottle` in somebody's repository must not run what lies there.
 */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

const bash = `# bash completion of claude-bottle; load it with: source <(claude-bottle completion bash)
_claude_bottle() {
  local line word last=-1
  local -a words=()
  # bash takes BOTTLE:PATH for three words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ $last -ge 0 && -n $word && ( $word == : || \${words[last]} == *: ) ]]; then
      words[last]+=$word
    else
      words[++last]=$word
    fi
  done
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(command claude-bottle complete-words -- "\${words[@]}" 2>/dev/null)
  # A path goes on after these
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[:/] ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _claude_bottle claude-bottle
`;

const zsh = `#compdef claude-bottle
# zsh completion of claude-bottle; write it to a file _claude-bottle in a folder of your fpath, or source it
_claude_bottle() {
  local line value
  local -a described open
  while IFS= read -r line; do
    value=\${line%%$'\\t'*}
    # A path goes on after these
    if [[ $value == *[:/] ]]; then
      open+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
    else
      described+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <(command claude-bottle complete-words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $#open )); then
    _describe 'claude-bottle' open -S ''
  fi
  _describe 'claude-bottle' described
}
if [[ "\${funcstack[1]}" == _claude-bottle ]]; then
  _claude_bottle "$@"
else
  compdef _claude_bottle claude-bottle
fi
`;

const fish = `# fish completion of claude-bottle; write it to ~/.config/fish/completions/claude-bottle.fish
function __claude_bottle_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    command claude-bottle complete-words -- $before[2..-1] "$current" 2>/dev/null
end
complete -c claude-bottle -f -a '(__claude_bottle_complete)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };

/** What `claude-bottle completion SHELL` prints; the shell loads it. */
export function renderScript(shell: Shell): string {
  return scripts[shell];
}

/** True for a shell that there is a script for. */
export function isShell(name: string): name is Shell {
  return (shells as readonly string[]).includes(name);
}
