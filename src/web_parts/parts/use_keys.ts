import { useEffect, useRef } from "preact/hooks";

/** Calls what a key stands for, unless someone types or a dialog is open. */
export function useKeys(keys: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  const newest = useRef(keys);
  newest.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : undefined;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (
        target?.closest("input:not([type=checkbox]):not([type=range]), textarea, select, dialog")
      ) {
        return;
      }
      if (
        target?.closest("button, a, [role=slider], input") && /^(?:Enter| |Arrow)/.test(event.key)
      ) {
        return;
      }
      const act = newest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}
