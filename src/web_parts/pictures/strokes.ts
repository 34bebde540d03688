/** A stroke of the brush, in pixels of the photo as it is shown. */
export interface Stroke {
  /** The colour, such as "#c9332f"; undefined: it takes off what lies under it. */
  readonly color: string | undefined;
  /** The brush's diameter. */
  readonly size: number;
  /** x and y by turns. */
  readonly points: readonly number[];
}

/** Draws strokes, the first one first, in the context's own coordinates. */
export function paintStrokes(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  strokes: readonly Stroke[],
): void {
  context.lineCap = context.lineJoin = "round";
  for (const { color, size, points } of strokes) {
    context.globalCompositeOperation = color === undefined ? "destination-out" : "source-over";
    context.strokeStyle = color ?? "#000";
    context.lineWidth = size;
    context.beginPath();
    const [x = 0, y = 0] = points;
    context.moveTo(x, y);
    context.lineTo(x, y); // a single point is a disc
    for (let at = 2; at < points.length; at += 2) {
      context.lineTo(points[at] ?? 0, points[at + 1] ?? 0);
    }
    context.stroke();
  }
}

/** Strokes as the contract has them: a PNG of the photo's size; undefined: nothing is left of them. */
export async function strokesPng(
  strokes: readonly Stroke[],
  width: number,
  height: number,
): Promise<Blob | undefined> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser gives no canvas of the photo's size for strokes.");
  paintStrokes(context, strokes);
  const { data } = context.getImageData(0, 0, width, height);
  let hasPaint = false;
  for (let at = 3; at < data.length && !hasPaint; at += 4) hasPaint = (data[at] ?? 0) >= 128;
  return hasPaint ? await canvas.convertToBlob({ type: "image/png" }) : undefined;
}
