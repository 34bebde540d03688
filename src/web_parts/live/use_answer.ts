import { useCallback, useEffect, useState } from "preact/hooks";
import { call, CallError } from "../contract/calls.ts";
import { noteHeard, noteLost, untilRetry } from "./connection.ts";

/** What a call came to so far. */
interface Answer<Value> {
  readonly value: Value | undefined;
  readonly error: CallError | undefined;
  /** Asks again now. */
  readonly refresh: () => void;
}

/**
 * Calls, and calls again every so often while the page is seen. A server that is lost is asked again
 * until it is back; what was known stays.
 *
 * @param method undefined: nothing is asked.
 */
export function useAnswer<Value>(
  method: string | undefined,
  request: object = {},
  everyMs = 0,
): Answer<Value> {
  const [value, setValue] = useState<Value>();
  const [error, setError] = useState<CallError>();
  const [round, setRound] = useState(0);
  const key = JSON.stringify(request);
  useEffect(() => {
    setValue(undefined);
    setError(undefined);
  }, [method, key]);
  useEffect(() => {
    if (method === undefined) return;
    const ending = new AbortController();
    const ask = async () => {
      while (!ending.signal.aborted) {
        let pause = everyMs;
        try {
          const answer = await call<Value>(method, JSON.parse(key), ending.signal);
          noteHeard();
          setValue(answer);
          setError(undefined);
        } catch (reason) {
          if (ending.signal.aborted) return;
          const failure = reason instanceof CallError
            ? reason
            : new CallError("unknown", `${reason}`);
          if (failure.code === "unavailable") {
            noteLost();
            pause = 2000;
          } else setError(failure);
        }
        if (pause === 0) return;
        await untilRetry(pause, ending.signal);
      }
    };
    void ask();
    return () => ending.abort();
  }, [method, key, everyMs, round]);
  const refresh = useCallback(() => setRound((before) => before + 1), []);
  return { value, error, refresh };
}
