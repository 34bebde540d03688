import { formatBytes, formatCount, threeDigits } from "../words.ts";

export { counted, formatBytes, formatCount } from "../words.ts";

/** A length of time: "0.4 s", "12 s", "3 min 05 s", "2 h 07 min", "4 d 03 h". */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs) || durationMs < 0) return "?";
  if (durationMs < 9_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

/**
 * How fast something goes: "312/s", "8.25 MB/s" for bytes, and for slow things the time of each,
 * "4.2 s each".
 */
export function formatRate(perSecond: number, unit: "bytes" | "things"): string {
  if (unit === "bytes") return `${formatBytes(perSecond)}/s`;
  if (perSecond > 0 && perSecond < 0.5) return `${formatDuration(1000 / perSecond)} each`;
  return `${perSecond >= 1000 ? formatCount(perSecond) : threeDigits(perSecond)}/s`;
}

/** Learning rates: "2.0e-4", or "2.0e-4/1.0e-4" where the discriminator's is another. */
export function formatLearningRates(lrG: number, lrD: number): string {
  const [generator, discriminator] = [lrG, lrD].map((rate) => rate.toExponential(1));
  return generator === discriminator ? `${generator}` : `${generator}/${discriminator}`;
}
