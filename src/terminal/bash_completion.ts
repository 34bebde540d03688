import { guessFunction, indented } from "./completion_cases.ts";
import type { CompletedCommand } from "./completion_table.ts";

/**
 * The completion for bash, of `tinct` and of `deno task tinct`, `deno task serve` and so on.
 *
 * @param tasks names of tasks that are commands themselves, such as "serve".
 */
export function bashCompletion(
  commands: readonly CompletedCommand[],
  tasks: readonly string[],
): string {
  const flags = commands.map(({ name, flags }) =>
    `${name}) flags='${flags.map(({ flag }) => flag).join(" ")}' ;;`
  );
  return `# Completion of tinct for bash. Made by \`tinct completion bash\`.

${guessFunction(commands)}

# Completes the word at the cursor. $1: the index of the command's name; $2: the name, if it is known.
_tinct_complete() {
  local at=$1 name=$2 cur=\${COMP_WORDS[COMP_CWORD]} flags guess flag='' count=0 ended='' word
  COMPREPLY=()
  if [[ -z $name ]]; then
    if ((COMP_CWORD == at)); then
      COMPREPLY=($(compgen -W '${
    commands.map(({ name }) => name).join(" ")
  } help --help --version' -- "$cur"))
      return
    fi
    name=\${COMP_WORDS[at]}
    if [[ $name == help ]]; then
      COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(" ")}' -- "$cur"))
      return
    fi
  fi
  local index
  for ((index = at + 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ -n $ended ]]; then
      ((count++))
    elif [[ $word == -- ]]; then
      ended=yes
    elif [[ $word == --* ]]; then
      _tinct_guess "$name" "$word"
      if [[ \${COMP_WORDS[index + 1]} == = ]]; then
        # bash parts --flag=value into three words.
        if ((index + 2 >= COMP_CWORD)); then
          flag=$word
          [[ $cur == = ]] && cur=''
        fi
        ((index += 2))
      elif [[ $guess != switch ]] && _tinct_has "$name" "$word"; then
        ((++index == COMP_CWORD)) && flag=$word
      fi
    elif [[ $word != = ]]; then
      ((count++))
    fi
  done
  if [[ -n $flag ]]; then
    _tinct_guess "$name" "$flag"
  elif [[ -z $ended && $cur == -* ]]; then
    _tinct_flags "$name"
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
    return
  elif ((count == 0)); then
    _tinct_guess "$name" first
  else
    _tinct_guess "$name" others
  fi
  local before=''
  case "$guess" in
    words*)
      # Where several go with commas between, the last one is completed.
      if [[ $cur == *,* ]]; then
        before=\${cur%,*},
        cur=\${cur##*,}
      fi
      COMPREPLY=($(compgen -P "$before" -W "\${guess#words }" -- "$cur"))
      ;;
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
    folders)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      ;;
  esac
}

_tinct_flags() {
  flags=''
  case "$1" in
${indented(flags, 4)}
  esac
}

# Whether a command has a flag.
_tinct_has() {
  local flags
  _tinct_flags "$1"
  [[ " $flags " == *" $2 "* ]]
}

_tinct() {
  _tinct_complete 1 ''
}
complete -F _tinct tinct

# \`deno task tinct\`, and the tasks that are commands themselves; else what completed deno before.
_tinct_deno() {
  local at=2
  if [[ \${COMP_WORDS[1]} == task && \${COMP_WORDS[2]} == -q ]]; then at=3; fi
  if [[ \${COMP_WORDS[1]} == task ]] && ((COMP_CWORD > at)); then
    case "\${COMP_WORDS[at]}" in
      tinct) _tinct_complete $((at + 1)) '' && return ;;
      ${tasks.join("|")}) _tinct_complete "$at" "\${COMP_WORDS[at]}" && return ;;
    esac
  fi
  COMPREPLY=()
  if [[ -n $_tinct_deno_before ]]; then
    "$_tinct_deno_before" "$@"
  else
    compopt -o default 2>/dev/null
  fi
}
if [[ $(complete -p deno 2>/dev/null) =~ \\ -F\\ ([^ ]+) && \${BASH_REMATCH[1]} != _tinct_deno ]]; then
  _tinct_deno_before=\${BASH_REMATCH[1]}
fi
complete -F _tinct_deno deno
`;
}
