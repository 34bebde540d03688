import type { Tensor } from "@tensorflow/tfjs";

/**
 * What predicts the colours of photos that have been squashed to squares: the generator of a
 * checkpoint, or a network of another program. Owns what it computes with. May be called again before
 * an earlier call is done.
 */
export interface ColorNetwork extends Disposable {
  /** Side of the squares that it sees, pixels. */
  readonly size: number;
  /** Whether it takes colours that things are given. */
  readonly takesHints: boolean;
  /**
   * Predicts colours, without blocking the event loop.
   *
   * @param pixels uint8, [B, size, size, 3], sRGB; what it sees of them is its own matter, but never
   *   their colours. Stays the caller's.
   * @param hints a and b over 110 and a mask, [B, size, size, 3]; only for one that takes them.
   * @returns ab over 110, [B, size, size, 2]; the caller's own.
   */
  predict(pixels: Tensor, hints?: Tensor): Promise<Tensor>;
}
