import { useEffect, useRef } from "preact/hooks";
import { CallError } from "../../web_parts/contract/calls.ts";
import { noteHeard, noteLost, untilRetry } from "../../web_parts/live/connection.ts";
import { colorizePhoto } from "./colorize_photo.ts";
import { type Attempt, type Photo, type Wish, wishText } from "./photos.ts";

/** Calls at a time: while one photo is sent, another is colorized. */
const AT_A_TIME = 2;

/** How long a slider or a colour stands still before a photo is colorized anew, in ms. */
const STILL_MS = 250;

/** Changes what one model makes of a photo. */
type ChangeAttempt = (id: number, slot: number, news: Partial<Attempt>) => void;

/**
 * Colorizes the photos one after the other, the one that is looked at first, and those anew whose wish
 * has changed. What is under way ends when its wish changes, its photo goes, or `isStopped`.
 *
 * @param wishes one for each model; another array where they have changed.
 * @param maxBytes the largest message that the server takes.
 */
export function useQueue({ photos, current, wishes, maxBytes, isStopped, change }: {
  photos: readonly Photo[];
  current: number | undefined;
  wishes: readonly Wish[];
  maxBytes: number;
  isStopped: boolean;
  change: ChangeAttempt;
}): void {
  const running = useRef(new Map<string, { ending: AbortController; wish: string }>());
  useEffect(() => () => {
    for (const { ending } of running.current.values()) ending.abort();
  }, []);
  useEffect(() => {
    const wanted = [...photos].sort((one, other) => rank(one, current) - rank(other, current))
      .flatMap((photo) => wishes.map((wish, slot) => ({ photo, slot, wish })))
      .map((each) => ({
        ...each,
        key: `${each.photo.id} ${each.slot}`,
        text: wishText(each.wish, each.photo),
      }));
    for (const [key, { ending, wish }] of running.current) {
      const still = wanted.find((each) => each.key === key);
      if (isStopped || still?.text !== wish) ending.abort();
    }
    if (isStopped || running.current.size >= AT_A_TIME) return;
    const next = wanted.find(({ photo, slot, text, key }) =>
      photo.attempts[slot]?.wish !== text && !running.current.has(key)
    );
    if (!next) return;
    const { photo, slot, wish, key, text } = next;
    const begin = async () => {
      const ending = new AbortController();
      running.current.set(key, { ending, wish: text });
      change(photo.id, slot, { state: "colorizing", problem: "", wish: text });
      const news = await attempt(photo, wish, maxBytes, ending.signal);
      running.current.delete(key);
      change(photo.id, slot, news);
    };
    const isFirst = photo.attempts[slot]?.wish === "";
    const timer = setTimeout(() => void begin(), isFirst ? 0 : STILL_MS);
    return () => clearTimeout(timer);
  }, [photos, current, wishes, maxBytes, isStopped]);
}

/** Tries until the server answers. @returns what has changed. */
async function attempt(
  photo: Photo,
  wish: Wish,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Partial<Attempt>> {
  for (;;) {
    try {
      const result = await colorizePhoto(photo, wish, maxBytes, signal);
      noteHeard();
      return { state: "done", result };
    } catch (error) {
      if (signal.aborted) return { state: "waiting", wish: "" };
      if (!(error instanceof CallError) || !error.isPassing) {
        return { state: "failed", problem: error instanceof Error ? error.message : String(error) };
      }
      if (error.code === "unavailable") noteLost();
      await untilRetry(2000, signal);
      if (signal.aborted) return { state: "waiting", wish: "" };
    }
  }
}

function rank({ id }: Photo, current: number | undefined): number {
  return id === current ? -1 : 0;
}
