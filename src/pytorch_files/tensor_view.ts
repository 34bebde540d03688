import type { OpenFile } from "../files/open_file.ts";
import { damaged, shortened } from "./faults.ts";
import { itemSizesBytes, type ItemType, type TorchTensor } from "./torch_objects.ts";
import type { Extent } from "./zip_archive.ts";

/** A tensor and where its elements lie in the file. */
export interface PlacedView {
  readonly dtype: ItemType;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];
  /** Of its first element, bytes from the file's start. */
  readonly position: number;
  /** Of its elements. */
  readonly sizeBytes: number;
}

/**
 * Places a tensor in its file.
 *
 * @throws {TinctError} data_loss where it reaches past its storage, or is larger than the file.
 */
export function placeView(
  { storage, offset, shape, strides }: TorchTensor,
  { name, extent, file }: {
    readonly name: string;
    readonly extent: Extent;
    readonly file: OpenFile;
  },
): PlacedView {
  const itemBytes = itemSizesBytes[storage.dtype];
  const isEmpty = shape.includes(0);
  const sizeBytes = isEmpty ? 0 : shape.reduce((product, size) => product * size, itemBytes);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  if (!isEmpty && !(last < storage.count)) {
    throw damaged(
      file.path,
      `its tensor ${
        shortened(name)
      }, [${shape}], reaches past its storage of ${storage.count} numbers`,
    );
  }
  if (!(sizeBytes <= file.sizeBytes)) {
    throw damaged(
      file.path,
      `its tensor ${shortened(name)}, [${shape}], is larger than the file`,
    );
  }
  const position = extent.position + offset * itemBytes;
  return { dtype: storage.dtype, shape, strides, position, sizeBytes };
}

/**
 * Reads a tensor's elements row by row, whatever order the file has them in.
 *
 * @param into exactly of its size.
 * @throws {TinctError} data_loss when the file got shorter.
 */
export async function readView(
  file: OpenFile,
  { dtype, shape, strides, position }: PlacedView,
  into: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<void> {
  if (into.length === 0) return;
  if (isContiguous(shape, strides)) return await file.read(into, position, signal);
  const itemBytes = itemSizesBytes[dtype];
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 0);
  const source = new Uint8Array((last + 1) * itemBytes);
  await file.read(source, position, signal);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < into.length; to += itemBytes) {
    const start = from * itemBytes;
    for (let byte = 0; byte < itemBytes; byte++) into[to + byte] = source[start + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

/** Whether elements follow one another row by row. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
