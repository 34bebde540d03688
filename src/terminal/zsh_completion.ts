import { guessFunction, indented } from "./completion_cases.ts";
import type { CompletedCommand } from "./completion_table.ts";

/**
 * The completion for zsh, of `tinct` and of `deno task tinct`, `deno task serve` and so on. Flags and
 * commands come with what they do.
 *
 * @param tasks names of tasks that are commands themselves, such as "serve".
 */
export function zshCompletion(
  commands: readonly CompletedCommand[],
  tasks: readonly string[],
): string {
  const flags = commands.map(({ name, flags }) =>
    `${name}) flags=(${flags.map(({ flag, help }) => described(flag, help)).join(" ")}) ;;`
  );
  const names = commands.map(({ name, summary }) => described(name, summary)).join(" ");
  return `#compdef tinct
# Completion of tinct for zsh. Made by \`tinct completion zsh\`.

${guessFunction(commands)}

_tinct_flags() {
  flags=()
  case "$1" in
${indented(flags, 4)}
  esac
}

# Completes the word at the cursor. $1: the index of the command's name; $2: the name, if it is known.
_tinct_complete() {
  local at=$1 name=$2 cur=\${words[CURRENT]} guess flag='' ended='' word
  local -i count=0 index
  local -a flags names
  names=(${names})
  if [[ -z $name ]]; then
    if ((CURRENT == at)); then
      names+=('help:Show the help of a command' '--help:List the commands' '--version:Show the version')
      _describe command names
      return
    fi
    name=\${words[at]}
    if [[ $name == help ]]; then
      _describe command names
      return
    fi
  fi
  _tinct_flags "$name"
  for ((index = at + 1; index < CURRENT; index++)); do
    word=\${words[index]}
    if [[ -n $ended ]]; then
      ((count += 1))
    elif [[ $word == -- ]]; then
      ended=yes
    elif [[ $word == --*=* ]]; then
      continue
    elif [[ $word == --* ]]; then
      _tinct_guess "$name" "$word"
      if [[ $guess != switch && -n \${(M)flags:#$word:*} ]]; then
        ((index += 1))
        ((index == CURRENT)) && flag=$word
      fi
    else
      ((count += 1))
    fi
  done
  if [[ -z $flag && -z $ended && $cur == --*=* ]]; then
    flag=\${cur%%=*}
    compset -P '*='
  fi
  if [[ -n $flag ]]; then
    _tinct_guess "$name" "$flag"
  elif [[ -z $ended && $cur == -* ]]; then
    _describe option flags
    return
  elif ((count == 0)); then
    _tinct_guess "$name" first
  else
    _tinct_guess "$name" others
  fi
  case "$guess" in
    words*)
      compset -P '*,' # where several go with commas between, the last one is completed
      compadd -- \${(s: :)guess#words }
      ;;
    files) _files ;;
    folders) _path_files -/ ;;
  esac
}

_tinct() {
  _tinct_complete 2 ''
}

# \`deno task tinct\`, and the tasks that are commands themselves; else what completed deno before.
_tinct_deno() {
  local -i at=3
  if [[ \${words[2]} == task && \${words[3]} == -q ]]; then at=4; fi
  if [[ \${words[2]} == task ]] && ((CURRENT > at)); then
    case "\${words[at]}" in
      tinct) _tinct_complete $((at + 1)) ''; return ;;
      ${tasks.join("|")}) _tinct_complete $at "\${words[at]}"; return ;;
    esac
  fi
  if [[ -n $_tinct_deno_before ]]; then
    "$_tinct_deno_before" "$@"
  else
    _default
  fi
}

if [[ \${funcstack[1]} == _tinct ]]; then
  _tinct # loaded by its file's name from fpath
else
  if [[ -n \${_comps[deno]-} && \${_comps[deno]} != _tinct_deno ]]; then
    typeset -g _tinct_deno_before=\${_comps[deno]}
  fi
  compdef _tinct tinct
  compdef _tinct_deno deno
fi
`;
}

/** An entry for _describe: the word and what it does, quoted. */
function described(word: string, help: string): string {
  return `'${word}:${help.replaceAll("'", `'\\''`).replaceAll("\\\\", "\\\\\\\\")}'`;
}
