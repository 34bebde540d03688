import { useEffect, useRef } from "preact/hooks";
import { hexOf, rgbOf } from "./lab.ts";

/** Pixels of a side, and the chroma at the rim. */
const SIDE = 180, REACH = 110;

/** a* and b* of a hint, chosen among the colours that exist at a lightness. */
export function ColorDisc({ L, a, b, onChoose }: {
  L: number;
  a: number;
  b: number;
  onChoose: (a: number, b: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const picture = context.createImageData(SIDE, SIDE);
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const rgb = rgbOf(L, abOf(x), -abOf(y));
        const at = 4 * (y * SIDE + x);
        const isInside = Math.hypot(abOf(x), abOf(y)) <= REACH;
        picture.data.set(isInside && rgb ? [...rgb, 255] : [0, 0, 0, isInside ? 20 : 0], at);
      }
    }
    context.putImageData(picture, 0, 0);
  }, [L]);
  const choose = (toA: number, toB: number) => {
    if (rgbOf(L, toA, toB)) onChoose(Math.round(toA), Math.round(toB));
  };
  const point = ({ offsetX, offsetY, buttons }: PointerEvent) => {
    if (buttons === 1) choose(abOf(offsetX), -abOf(offsetY));
  };
  const rgb = rgbOf(L, a, b) ?? [128, 128, 128];
  const hex = hexOf(rgb);
  return (
    <div>
      <div
        class="disc"
        tabIndex={0}
        role="slider"
        aria-label="Colour of the hint; arrow keys move it"
        aria-valuetext={`a ${a}, b ${b}, ${hex}`}
        aria-valuenow={a}
        aria-valuemin={-REACH}
        aria-valuemax={REACH}
        onPointerDown={point}
        onPointerMove={point}
        onKeyDown={(event) => {
          const by = event.shiftKey ? 5 : 1;
          const moves: Record<string, [number, number]> = {
            ArrowLeft: [-by, 0],
            ArrowRight: [by, 0],
            ArrowUp: [0, by],
            ArrowDown: [0, -by],
          };
          const move = moves[event.key];
          if (!move) return;
          event.preventDefault();
          choose(a + move[0], b + move[1]);
        }}
      >
        <canvas ref={canvas} width={SIDE} height={SIDE} />
        <span
          class="disc-pin"
          style={{
            left: `${SIDE * (0.5 + a / REACH / 2)}px`,
            top: `${SIDE * (0.5 - b / REACH / 2)}px`,
            background: hex,
          }}
        />
      </div>
      <p class="disc-words">
        <span class="swatch" style={{ background: hex }} /> <code>a {a} b {b}</code>{" "}
        <code>{hex}</code>
      </p>
    </div>
  );
}

function abOf(pixel: number): number {
  return (pixel / SIDE - 0.5) * 2 * REACH;
}
