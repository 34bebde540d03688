import { useEffect, useState } from "preact/hooks";

/** How long no word from the server is nothing to tell of. */
const QUIET_MS = 10_000;

/** What the page knows of its connection. */
interface Connection {
  /** When the server was heard last, since 1970. */
  readonly heardMs: number;
  /** Whether it does not answer now. */
  readonly isLost: boolean;
}

let connection: Connection = { heardMs: Date.now(), isLost: false };
const listeners = new Set<(connection: Connection) => void>();
const retries = new Set<() => void>();

/** Notes that the server was heard. */
export function noteHeard(): void {
  const wasLost = connection.isLost;
  connection = { heardMs: Date.now(), isLost: false };
  if (wasLost) tell();
}

/** Notes that it does not answer. */
export function noteLost(): void {
  if (connection.isLost) return;
  connection = { ...connection, isLost: true };
  tell();
}

function tell(): void {
  for (const listener of listeners) listener(connection);
}

/** Tries again now whatever waits to. */
export function retryNow(): void {
  for (const retry of [...retries]) retry();
}

/** Waits so long before the next try, or until someone asks for it at once. */
export function untilRetry(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      retries.delete(end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    retries.add(end);
    signal.addEventListener("abort", end);
  });
}

/** The connection, and again whenever it is lost or back. */
export function useConnection(): Connection & { readonly isStale: boolean } {
  const [now, setNow] = useState(connection);
  const [, setTick] = useState(0);
  useEffect(() => {
    setNow(connection);
    listeners.add(setNow);
    const timer = setInterval(() => setTick((tick) => tick + 1), 1000);
    return () => {
      listeners.delete(setNow);
      clearInterval(timer);
    };
  }, []);
  return { ...now, isStale: now.isLost && Date.now() - connection.heardMs > QUIET_MS };
}
