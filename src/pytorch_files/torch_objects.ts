import type { PickleMeaning } from "./pickle.ts";
import {
  isGlobal,
  Opaque,
  PickleDict,
  type PickleGlobal,
  PickleSequence,
  type PickleValue,
} from "./pickle_values.ts";

/** Element types, as safetensors calls them, with the bytes of an element. */
export const itemSizesBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** An element type. */
export type ItemType = keyof typeof itemSizesBytes;

/** Numbers that lie outside the pickle, and that tensors look at. */
export class TorchStorage extends Opaque {
  /** What the file calls it, such as "0". */
  readonly key: string;
  readonly dtype: ItemType;
  /** Elements. */
  readonly count: number;

  constructor(key: string, dtype: ItemType, count: number) {
    super();
    this.key = key;
    this.dtype = dtype;
    this.count = count;
  }
}

/** A tensor: a view of a storage. */
export class TorchTensor extends Opaque {
  readonly storage: TorchStorage;
  /** The place of its first element in the storage, in elements. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** From one element of a dimension to the next, in elements. */
  readonly strides: readonly number[];

  constructor(
    storage: TorchStorage,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ) {
    super();
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** What PyTorch calls the storages of the element types. */
const storageNames: Readonly<Record<string, ItemType>> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** Weights have up to five dimensions. */
const MAX_RANK = 16;

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, …)`; the older one has four of them. */
function rebuildTensor(values: readonly PickleValue[]): TorchTensor | undefined {
  const [storage, offset, size, stride] = values;
  const [shape, strides] = [wholeNumbers(size), wholeNumbers(stride)];
  if (!(storage instanceof TorchStorage) || !isWhole(offset) || !shape || !strides) {
    return undefined;
  }
  return shape.length === strides.length && shape.length <= MAX_RANK
    ? new TorchTensor(storage, offset, shape, strides)
    : undefined;
}

/** `OrderedDict()`, or of pairs as Python 2 has it. */
function orderedDict([pairs, ...more]: readonly PickleValue[]): PickleDict | undefined {
  const dict = new PickleDict();
  if (pairs === undefined) return dict;
  if (!(pairs instanceof PickleSequence) || more.length > 0) return undefined;
  dict.depth = Math.max(1, pairs.depth - 1);
  for (const pair of pairs.items) {
    if (!(pair instanceof PickleSequence) || pair.items.length !== 2) return undefined;
    dict.entries.set(pair.items[0]!, pair.items[1]!);
  }
  return dict;
}

const calls: Readonly<Record<string, PickleGlobal["call"]>> = {
  "collections.OrderedDict": orderedDict,
  "torch._utils._rebuild_tensor": rebuildTensor,
  "torch._utils._rebuild_tensor_v2": rebuildTensor,
  // Of a tensor, requires_grad and hooks.
  "torch._utils._rebuild_parameter": ([data]) => data instanceof TorchTensor ? data : undefined,
  "torch.Size": ([sizes]) => sizes instanceof PickleSequence ? sizes : undefined,
};

/** What the names in a file of `torch.save` stand for. */
export const torchMeaning: PickleMeaning = {
  globals: new Map<string, PickleGlobal>([
    ...Object.keys(storageNames).map((global) => [global, { global }] as const),
    ...Object.entries(calls).map(([global, call]) => [global, { global, call: call! }] as const),
  ]),
  /** `("storage", type, key, location, elements)`, of the old format with views behind it. */
  persistent: (id) => {
    if (!(id instanceof PickleSequence)) return undefined;
    const [kind, type, key, _location, count, view = null] = id.items;
    const dtype = isGlobal(type) ? storageNames[type.global] : undefined;
    if (kind !== "storage" || dtype === undefined || typeof key !== "string") return undefined;
    return isWhole(count) && view === null ? new TorchStorage(key, dtype, count) : undefined;
  },
};

function isWhole(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function wholeNumbers(value: PickleValue | undefined): readonly number[] | undefined {
  if (!(value instanceof PickleSequence)) return undefined;
  return value.items.every(isWhole) ? value.items as number[] : undefined;
}
