import { FrameTurns } from "./frame_turns.ts";
import { ShotMean } from "./shot_mean.ts";

/** One frame of a video on its way. */
export interface VideoFrame extends Disposable {
  /**
   * Waits for the frames before, then has its colours made those of its shot.
   *
   * @param tone as `Colorizer.tone` with the frame's colours: what it is given changes them.
   * @param size pixels along a side of the square that the model sees.
   * @returns what `tone` gave.
   */
  smooth<T>(
    tone: (change: (ab: Float32Array) => Float32Array) => Promise<T>,
    square: Uint8Array,
    size: number,
  ): Promise<T>;
  /** Whether a shot begins with it; known once it is smooth. */
  readonly startsShot: boolean;
}

/**
 * A video that is colorized, frame after frame: what one frame knows of those before. Several frames
 * may be under way; their colours are made in the order in which they entered. One that is disposed of
 * before that is passed over.
 */
export class ColoredVideo {
  readonly #turns = new FrameTurns();
  #mean: ShotMean | undefined;

  /** The next frame comes in; it must be disposed of, or none after it gets its turn. */
  enter(): VideoFrame {
    const turn = this.#turns.take();
    let startsShot = false;
    return {
      smooth: async (tone, square, size) => {
        await turn.begins;
        try {
          if (this.#mean?.size !== size) this.#mean = new ShotMean(size);
          const mean = this.#mean;
          return await tone((ab) => {
            const colors = mean.next(ab, square);
            startsShot = mean.startsShot;
            return colors;
          });
        } finally {
          turn[Symbol.dispose]();
        }
      },
      get startsShot() {
        return startsShot;
      },
      [Symbol.dispose]: () => turn[Symbol.dispose](),
    };
  }
}
