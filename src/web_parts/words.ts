import type { Long } from "./contract/messages.ts";

/** A number of the contract; 0 where it is left out. */
export function num(value: Long | undefined): number {
  return Number(value ?? 0);
}

/** Whole, with commas: "200,000". */
export function whole(value: Long | undefined): string {
  return Math.round(num(value)).toLocaleString("en-US");
}

/** To about four digits: "4.48", "0.0002", "12.5". */
export function figure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.001) return value.toExponential(2).replace("e-", "e-");
  return size >= 1000 ? whole(value) : String(Number(value.toPrecision(3)));
}

/** With so many decimals; "–" where there is no number. */
export function fixed(value: number | undefined, decimals: number): string {
  return value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(decimals);
}

/** In powers of ten: "1.9 GB". */
export function bytes(value: Long | undefined): string {
  let size = num(value);
  for (const unit of ["B", "kB", "MB"]) {
    if (size < 1000) return `${unit === "B" ? size : size.toPrecision(3)} ${unit}`;
    size /= 1000;
  }
  return `${size.toFixed(1)} GB`;
}

/** Seconds of a duration such as "12.5s"; undefined where there is none. */
export function secondsOf(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : Number(duration.replace(/s$/, ""));
}

/** "2 min 14 s", "7 h 21 min", "3 d 4 h". */
export function span(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  const total = Math.round(seconds);
  const [d, h, m, s] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${m} min`;
  return m > 0 ? `${m} min ${s} s` : `${s} s`;
}

/** In the viewer's zone: "11:42", "Yesterday", "26 Nov". */
export function moment(time: string | undefined, nowMs = Date.now()): string {
  if (time === undefined) return "–";
  const date = new Date(time);
  const midnight = new Date(nowMs);
  midnight.setHours(0, 0, 0, 0);
  const age = midnight.getTime() - date.getTime();
  if (age <= 0) return clock(time).slice(0, 5);
  if (age <= 86_400_000) return "Yesterday";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/** In the viewer's zone, to the second: "11:44:31". */
export function clock(time: string | number | undefined): string {
  return time === undefined ? "–" : new Date(time).toLocaleTimeString("en-GB");
}

/** In full, for a title: "29 Nov 2026, 11:44:31". */
export function fullTime(time: string | undefined): string {
  return time === undefined ? "" : new Date(time).toLocaleString("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
  });
}

/** "1 photo", "2 photos". */
export function counted(count: Long | undefined, noun: string): string {
  return `${whole(count)} ${noun}${num(count) === 1 ? "" : "s"}`;
}

/** An enum's value without its prefix, as the command line writes it: "JOB_STATE_RUNNING" to "RUNNING". */
export function stateWord(state: string): string {
  return state.replace(/^[A-Z_]+_STATE_/, "");
}

/** The option of a field: "batch_size" to "batchSize". */
export function optionName(field: string): string {
  return field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The flag of an option: "batchSize" to "--batch-size". */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
