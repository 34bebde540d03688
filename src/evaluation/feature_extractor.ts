import type { Tensor } from "@tensorflow/tfjs";

/** A network that tells pictures apart by numbers, such as Inception without its last layer. */
export interface FeatureExtractor extends Disposable {
  /** Side of the pictures it takes, pixels. */
  readonly size: number;
  /**
   * @param pictures [B, size, size, 3] float32, in the range that the network was trained on.
   * @returns B rows of as many numbers each, row by row.
   */
  extract(pictures: Tensor): Promise<Float32Array>;
}

/** Side of Inception's pictures, where the file leaves it open. */
export const inceptionSize = 299;
