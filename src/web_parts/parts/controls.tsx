import type { ComponentChildren } from "preact";

/** One of a few choices, each with a count where there is one. */
export function Segmented<Value extends string>({ label, value, choices, onChange }: {
  label: string;
  value: Value;
  choices: readonly {
    readonly value: Value;
    readonly text: string;
    readonly count?: number | undefined;
  }[];
  onChange: (value: Value) => void;
}) {
  return (
    <div class="segmented" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          type="button"
          key={choice.value}
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
        >
          {choice.text}
          {choice.count !== undefined && <span class="count">{choice.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** A switch with its word. */
export function Toggle({ label, checked, onChange }: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label class="toggle">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

/** A part of a page with a heading. */
export function Card({ title, aside, children, className = "" }: {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
  className?: string;
}) {
  const id = `card-${title.toLowerCase().replace(/\W+/g, "-")}`;
  return (
    <section class={`card ${className}`} aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** What is wrong, or to be minded, with the way out. */
export function Note({ kind, children }: {
  kind: "error" | "warning" | "fine";
  children: ComponentChildren;
}) {
  return (
    <div class={`note note-${kind}`} role={kind === "error" ? "alert" : "status"}>{children}</div>
  );
}

/** How far something has come, from 0 to 1. */
export function Progress({ share, state = "running", label }: {
  share: number;
  state?: string;
  label: string;
}) {
  const percent = Math.max(0, Math.min(100, Math.round(100 * share)));
  return (
    <div
      class={`progress progress-${state.toLowerCase()}`}
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

/** A command that can be copied. */
export function CommandLine({ text }: { text: string }) {
  return (
    <div class="command">
      <div class="command-head">
        <span>The same on the command line</span>
        <button type="button" class="link" onClick={() => void navigator.clipboard.writeText(text)}>
          Copy
        </button>
      </div>
      <pre tabIndex={0} aria-label="Command"><code>{text}</code></pre>
    </div>
  );
}

/** What a page says while it has nothing. */
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty card">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
