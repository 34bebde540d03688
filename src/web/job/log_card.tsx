import { useState } from "preact/hooks";
import type { JobLive } from "../../web_parts/live/job_live.ts";
import { Card, Segmented } from "../../web_parts/parts/controls.tsx";
import { clock } from "../../web_parts/words.ts";

/** How many lines are shown. */
const MOST_LINES = 200;

/** The newest lines of a job's log. */
export function LogCard({ live }: { live: JobLive }) {
  const [shown, setShown] = useState<"all" | "warnings">("all");
  const warnings = live.log.filter(({ level }) => /WARNING|ERROR/.test(level ?? ""));
  const lines = (shown === "all" ? live.log : warnings).slice(-MOST_LINES).toReversed();
  return (
    <Card
      title="Log"
      aside={
        <Segmented
          label="Log lines"
          value={shown}
          choices={[
            { value: "all", text: "All" },
            { value: "warnings", text: "Warnings", count: warnings.length },
          ]}
          onChange={setShown}
        />
      }
    >
      <ol class="log" tabIndex={0} aria-label="Log lines, the newest first">
        {lines.map(({ sequence, time, level = "", message }) => {
          const word = level.replace("LOG_LEVEL_", "").toLowerCase();
          return (
            <li key={sequence}>
              <time>{clock(time)}</time>
              <b class={`log-${word}`}>{word}</b>
              <span>{message}</span>
            </li>
          );
        })}
        {lines.length === 0 && <li class="soft">Nothing yet.</li>}
      </ol>
    </Card>
  );
}
