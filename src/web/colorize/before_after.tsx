import { useRef, useState } from "preact/hooks";

/** A point of the photo whose colour is given. */
export interface Hint {
  readonly x: number;
  readonly y: number;
  /** L* of the photo there. */
  readonly L: number;
  readonly a: number;
  readonly b: number;
}

/** The photo as gray beside the result, with a divider to drag. */
export function BeforeAfter({ before, after, name, hints, isHinting, onHint }: {
  before: string;
  /** Undefined: not colorized yet. */
  after: string | undefined;
  name: string;
  hints: readonly (Hint & { readonly color: string })[];
  isHinting: boolean;
  /** @param x from 0 to 1, from the left. @param y from 0 to 1, from the top. */
  onHint: (x: number, y: number, picture: HTMLImageElement) => void;
}) {
  const [at, setAt] = useState(50);
  const stage = useRef<HTMLDivElement>(null);
  const photo = useRef<HTMLImageElement>(null);
  const place = ({ clientX, clientY }: MouseEvent) => {
    const { left, top, width, height } = stage.current?.getBoundingClientRect() ?? new DOMRect();
    return [(clientX - left) / (width || 1), (clientY - top) / (height || 1)] as const;
  };
  const drag = (event: PointerEvent) => {
    if (isHinting || event.buttons !== 1) return;
    setAt(Math.max(0, Math.min(100, 100 * place(event)[0])));
  };
  const size = photo.current?.naturalWidth ?? 1;
  const height = photo.current?.naturalHeight ?? 1;
  return (
    <div
      ref={stage}
      class={`stage ${isHinting ? "hinting" : ""}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={drag}
      onClick={(event) => {
        if (!isHinting || !photo.current) return;
        const [x, y] = place(event);
        onHint(x, y, photo.current);
      }}
    >
      <img
        ref={photo}
        class="stage-before"
        src={before}
        alt={`${name} in gray`}
        draggable={false}
      />
      {after && (
        <img
          class="stage-after"
          src={after}
          alt={`${name}, colorized`}
          draggable={false}
          style={{ clipPath: `inset(0 0 0 ${at}%)` }}
        />
      )}
      {after && (
        <div
          class="divider"
          style={{ left: `${at}%` }}
          tabIndex={0}
          role="slider"
          aria-label="Divider between the gray photo and the colorized one"
          aria-valuenow={Math.round(at)}
          aria-valuemin={0}
          aria-valuemax={100}
          onDblClick={() => setAt(at < 25 ? 50 : at < 75 ? 100 : 0)}
          onKeyDown={(event) => {
            const by = event.shiftKey ? 10 : 1;
            const move = { ArrowLeft: -by, ArrowRight: by }[event.key];
            if (move === undefined) return;
            event.preventDefault();
            setAt((before) => Math.max(0, Math.min(100, before + move)));
          }}
        >
          <span class="handle" aria-hidden="true">‹ ›</span>
        </div>
      )}
      {hints.map(({ x, y, color }, index) => (
        <span
          key={index}
          class="pin"
          style={{ left: `${100 * x / size}%`, top: `${100 * y / height}%`, background: color }}
        />
      ))}
      <span class="stage-word left">gray</span>
      {after && <span class="stage-word right">colorized</span>}
    </div>
  );
}
