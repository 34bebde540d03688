import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A question over the page; the first button that is marked `autofocus` has the focus. */
export function Dialog({ title, onClose, children }: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("[data-focus]")?.focus();
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks before something ends; the focus is on what keeps it. */
export function Question({ title, keep, act, onAct, onClose, children }: {
  title: string;
  /** What the harmless button says. */
  keep: string;
  /** What the other one says. */
  act: string;
  onAct: () => void;
  onClose: () => void;
  children: ComponentChildren;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <div class="dialog-actions">
        <button type="button" class="button" data-focus onClick={onClose}>{keep}</button>
        <span class="spacer" />
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onAct();
            onClose();
          }}
        >
          {act}
        </button>
      </div>
    </Dialog>
  );
}
