import { createContext } from "preact";
import type { ComponentChildren } from "preact";
import { useCallback, useContext, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** Says something that happened. */
type Tell = (text: string, kind?: "fine" | "error") => void;

const ToastContext = createContext<Tell>(() => {});

/** Says something at the foot of the page, until it is closed or something else is said. */
export function useToast(): Tell {
  return useContext(ToastContext);
}

/** The foot of the page, and what may speak there. */
export function ToastPlace({ children }: { children: ComponentChildren }) {
  const [said, setSaid] = useState<{ text: string; kind: "fine" | "error" }>();
  const tell = useCallback<Tell>((text, kind = "fine") => setSaid({ text, kind }), []);
  return (
    <ToastContext.Provider value={tell}>
      {children}
      <div class="toast-place" role="status" aria-live="polite">
        {said && (
          <div class={`toast toast-${said.kind}`}>
            <Icon name={said.kind === "fine" ? "check" : "warning"} />
            <span>{said.text}</span>
            <button
              type="button"
              class="quiet"
              aria-label="Close"
              onClick={() => setSaid(undefined)}
            >
              <Icon name="close" />
            </button>
          </div>
        )}
      </div>
    </ToastContext.Provider>
  );
}
