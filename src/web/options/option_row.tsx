import type { Option } from "../../web_parts/contract/messages.ts";
import { optionName } from "../../web_parts/words.ts";
import { optionWord } from "../../web_parts/option_words.ts";

/** An option of a form: its value, range, default, and what is wrong with it. */
export function OptionRow({ option, value, usual, problem, onChange }: {
  option: Option;
  /** As the contract takes it; undefined: not given. */
  value: string | undefined;
  /** What it has when it is not given. */
  usual: string;
  problem: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const name = optionName(option.name);
  const id = `option-${option.name}`;
  const changed = value !== undefined && value !== usual;
  const range = option.kind === "OPTION_KIND_INTEGER" || option.kind === "OPTION_KIND_NUMBER"
    ? `${plain(option.min)} to ${plain(option.max)}${option.unit ? ` ${option.unit}` : ""} · `
    : "";
  const shared = {
    id,
    "aria-describedby": `${id}-about`,
    "aria-invalid": problem !== undefined,
  };
  return (
    <div class={`option ${changed ? "changed" : ""}`}>
      <div class="option-about" id={`${id}-about`}>
        <label for={id}>
          <code>{name}</code>
        </label>
        {changed && <span class="changed-word">changed</span>}
        <p>{option.help}</p>
        {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      </div>
      <div class="option-value">
        {option.kind === "OPTION_KIND_CHOICE"
          ? (
            <select
              {...shared}
              value={value ?? usual}
              onChange={({ currentTarget }) => onChange(currentTarget.value)}
            >
              {(option.choices ?? []).map((choice) => (
                <option key={choice} value={choice}>{optionWord(choice)}</option>
              ))}
            </select>
          )
          : option.kind === "OPTION_KIND_BOOLEAN"
          ? (
            <input
              {...shared}
              type="checkbox"
              role="switch"
              checked={(value ?? usual) === "true"}
              onChange={({ currentTarget }) => onChange(String(currentTarget.checked))}
            />
          )
          : (
            <input
              {...shared}
              type="text"
              inputMode="decimal"
              value={value ?? usual}
              onInput={({ currentTarget }) =>
                onChange(currentTarget.value === usual ? undefined : currentTarget.value)}
            />
          )}
        {changed && (
          <button
            type="button"
            class="link"
            aria-label={`Reset ${name}`}
            onClick={() => onChange(undefined)}
          >
            reset
          </button>
        )}
        <p class="soft">{range}default {optionWord(usual)}</p>
      </div>
    </div>
  );
}

function plain(value: number | undefined): string {
  return value === undefined ? "0" : Math.abs(value) >= 1e6 ? value.toExponential() : String(value);
}
