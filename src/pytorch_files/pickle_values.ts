/** What a pickle can hold here. Nothing of it does anything. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleSequence
  | PickleDict
  | PickleGlobal
  | Opaque;

/** A list or a tuple. */
export class PickleSequence {
  readonly items: PickleValue[];
  /** A tuple does not grow. */
  readonly isTuple: boolean;
  /** Levels of lists, tuples and dictionaries in it, itself among them. */
  depth = 1;

  constructor(items: PickleValue[], { isTuple = false } = {}) {
    this.items = items;
    this.isTuple = isTuple;
  }
}

/** A dictionary, ordered or not. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
  /** As a sequence's. */
  depth = 1;
}

/** A name of a Python module that is known here. */
export interface PickleGlobal {
  /** Such as "collections.OrderedDict". */
  readonly global: string;
  /**
   * What a call of it stands for; undefined where nobody may call it, or not with these arguments.
   * Left out where it is never called.
   */
  readonly call?: (values: readonly PickleValue[]) => PickleValue | undefined;
}

/** What only its maker knows the inside of. */
export abstract class Opaque {
  /** Tells it from all else. */
  readonly isOpaque = true;
}

/** Whether a value is a name of a Python module. */
export function isGlobal(value: PickleValue | undefined): value is PickleGlobal {
  return typeof value === "object" && value !== null && "global" in value;
}
