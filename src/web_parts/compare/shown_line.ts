import type { Look } from "../charts/looks.tsx";
import type { ComparedJob } from "../live/use_compared.ts";

/** A job of the page, or a trial with the jobs that continue one another. */
export interface ShownLine {
  /** The job's id, or that of the trial's newest job. */
  readonly id: string;
  readonly name: string;
  readonly look: Look;
  /** The oldest first; at least one. */
  readonly jobs: readonly ComparedJob[];
  /** Whether the address names it, so that it can be taken away. */
  readonly isChosen: boolean;
}

/** Its newest job. */
export function newestOf({ jobs }: ShownLine): ComparedJob | undefined {
  return jobs.at(-1);
}

/** A name that fits beside a line. */
export function shortName(name: string): string {
  return name.length <= 14 ? name : `${name.slice(0, 13)}…`;
}
