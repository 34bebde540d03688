import { damaged, refused, shortened } from "./faults.ts";
import {
  isGlobal,
  PickleDict,
  type PickleGlobal,
  PickleSequence,
  type PickleValue,
} from "./pickle_values.ts";

/** What a pickle's names stand for. */
export interface PickleMeaning {
  /** By their full names, such as "collections.OrderedDict"; all others are refused. */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** What a reference to something outside the pickle stands for; undefined where it is none. */
  readonly persistent: (id: PickleValue) => PickleValue | undefined;
}

/** So many values a pickle may make; a checkpoint of 1,000 tensors with its optimizer makes 50,000. */
const MAX_VALUES = 1_000_000;

/** So deep they may lie in one another; those of state dicts lie 5 deep. */
const MAX_DEPTH = 64;

/** So long a whole number may be; the longest of torch.save has 10 bytes. */
const MAX_NUMBER_BYTES = 16;

const decoders = { utf8: new TextDecoder(), latin1: new TextDecoder("latin1") };

/**
 * Reads a pickle (Python's pickletools.py has the format) of protocol 2 to 5 without running anything:
 * names of Python modules stand for what `meaning` says, and are refused where it says nothing.
 *
 * @param at where it begins.
 * @returns its value, and where it ends.
 * @throws {TinctError} failed_precondition that names the global that is refused, data_loss.
 */
export function readPickle(
  bytes: Uint8Array,
  meaning: PickleMeaning,
  { path, at = 0 }: { readonly path: string; readonly at?: number },
): { readonly value: PickleValue; readonly end: number } {
  const reader = new PickleReader(bytes, at, meaning, path);
  const value = reader.run();
  return { value, end: reader.at };
}

/** The stack machine that a pickle is a program of. */
class PickleReader {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #meaning: PickleMeaning;
  readonly #path: string;
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  /** Values that were made, and places of the memo. */
  #made = 0;

  constructor(bytes: Uint8Array, at: number, meaning: PickleMeaning, path: string) {
    this.at = at;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#meaning = meaning;
    this.#path = path;
  }

  run(): PickleValue {
    for (;;) {
      const code = this.#uint8();
      if (code === 0x2e) return this.#pop(); // STOP
      this.#step(code);
    }
  }

  #step(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        return this.#refuseProtocol(this.#uint8());
      case 0x95: // FRAME: the length of what is to be read at once
        this.#skip(8);
        return;
      case 0x28: // MARK
        this.#count();
        this.#marks.push(this.#stack.length);
        return;
      case 0x30: // POP
        this.#pop();
        return;
      case 0x31: // POP_MARK
        this.#popMark();
        return;
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4a: // BININT
        return this.#push(this.#view.getInt32(this.#skip(4), true));
      case 0x4b: // BININT1
        return this.#push(this.#uint8());
      case 0x4d: // BININT2
        return this.#push(this.#view.getUint16(this.#skip(2), true));
      case 0x8a: // LONG1
        return this.#push(this.#long(this.#uint8()));
      case 0x8b: // LONG4
        return this.#push(this.#long(this.#uint32()));
      case 0x47: // BINFLOAT
        return this.#push(this.#view.getFloat64(this.#skip(8), false));
      case 0x55: // SHORT_BINSTRING, of Python 2
        return this.#push(this.#text(this.#uint8(), "latin1"));
      case 0x54: // BINSTRING
        return this.#push(this.#text(this.#uint32(), "latin1"));
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(this.#text(this.#uint8()));
      case 0x58: // BINUNICODE
        return this.#push(this.#text(this.#uint32()));
      case 0x8d: // BINUNICODE8
        return this.#push(this.#text(Number(this.#view.getBigUint64(this.#skip(8), true))));
      case 0x5d: // EMPTY_LIST
        return this.#push(new PickleSequence([]));
      case 0x7d: // EMPTY_DICT
        return this.#push(new PickleDict());
      case 0x29: // EMPTY_TUPLE
        return this.#tuple([]);
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        return this.#tuple(this.#popMany(code - 0x84));
      case 0x74: // TUPLE
        return this.#tuple(this.#popMark());
      case 0x61: // APPEND
        return this.#append(this.#popMany(1));
      case 0x65: // APPENDS
        return this.#append(this.#popMark());
      case 0x73: // SETITEM
        return this.#setItems(this.#popMany(2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#popMark());
      case 0x71: // BINPUT
        return this.#remember(this.#uint8());
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#uint32());
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size);
      case 0x68: // BINGET
        return this.#recall(this.#uint8());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#uint32());
      case 0x63: // GLOBAL
        return this.#global(this.#line(), this.#line());
      case 0x93: { // STACK_GLOBAL
        const [module, name] = this.#popMany(2);
        return this.#global(module, name);
      }
      case 0x52: // REDUCE
        return this.#call();
      case 0x62: // BUILD
        return this.#build();
      case 0x51: { // BINPERSID
        const value = this.#meaning.persistent(this.#pop());
        if (value === undefined) throw this.#damaged("it refers to something that is no storage");
        return this.#push(value);
      }
      default:
        throw this.#unknown(code);
    }
  }

  #refuseProtocol(protocol: number): void {
    if (protocol >= 2 && protocol <= 5) return;
    throw this.#damaged(`its pickle is of protocol ${protocol}, and 2 to 5 are read`);
  }

  #unknown(code: number): Error {
    const hexadecimal = `0x${code.toString(16).padStart(2, "0")}`;
    // INST, OBJ, NEWOBJ, NEWOBJ_EX make objects of classes.
    if ([0x69, 0x6f, 0x81, 0x92].includes(code)) {
      const known = this.#stack.findLast(isGlobal)?.global ?? "a class";
      return refused(this.#path, `its pickle makes an object of ${known} (opcode ${hexadecimal})`);
    }
    return refused(
      this.#path,
      `its pickle has the opcode ${hexadecimal} at byte ${this.at - 1}, which the weights of a ` +
        "state dict do not need",
    );
  }

  #global(module: PickleValue | undefined, name: PickleValue | undefined): void {
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.#damaged("a name in its pickle is no text");
    }
    const found = this.#meaning.globals.get(`${module}.${name}`);
    if (found !== undefined) return this.#push(found);
    throw refused(
      this.#path,
      `its pickle names ${
        shortened(`${module}.${name}`)
      }, and only tensors, dictionaries, lists, ` +
        "tuples, texts and numbers are read",
    );
  }

  #call(): void {
    const [callee, given] = this.#popMany(2);
    if (!isGlobal(callee) || !(given instanceof PickleSequence)) {
      throw this.#damaged("its pickle calls what cannot be called");
    }
    const value = callee.call?.(given.items);
    if (value === undefined) {
      throw this.#damaged(`its pickle calls ${callee.global} as nobody does`);
    }
    this.#push(value);
  }

  /** An ordered dictionary's attributes, such as a state dict's versions of its modules. */
  #build(): void {
    this.#pop();
    if (this.#stack.at(-1) instanceof PickleDict) return;
    throw this.#damaged("its pickle gives attributes to what has none");
  }

  #tuple(items: PickleValue[]): void {
    const tuple = new PickleSequence(items, { isTuple: true });
    this.#deepen(tuple, items);
    this.#push(tuple);
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#stack.at(-1);
    if (!(list instanceof PickleSequence) || list.isTuple) {
      throw this.#damaged("its pickle appends to what is no list");
    }
    this.#deepen(list, items);
    for (const item of items) list.items.push(item);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#stack.at(-1);
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0) {
      throw this.#damaged("its pickle puts entries into what is no dictionary");
    }
    this.#deepen(dict, items);
    for (let index = 0; index < items.length; index += 2) {
      dict.entries.set(items[index]!, items[index + 1]!);
    }
  }

  #deepen(outer: PickleSequence | PickleDict, items: readonly PickleValue[]): void {
    for (const item of items) {
      if (!(item instanceof PickleSequence || item instanceof PickleDict)) continue;
      outer.depth = Math.max(outer.depth, item.depth + 1);
    }
    if (outer.depth <= MAX_DEPTH) return;
    throw refused(
      this.#path,
      `its pickle has lists, tuples or dictionaries more than ${MAX_DEPTH} deep in one another`,
    );
  }

  #remember(index: number): void {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.#damaged("its pickle remembers what is not there");
    this.#count();
    this.#memo.set(index, value);
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#damaged("its pickle recalls what it did not remember");
    this.#push(value);
  }

  #push(value: PickleValue): void {
    this.#count();
    this.#stack.push(value);
  }

  #count(): void {
    if (++this.#made <= MAX_VALUES) return;
    throw refused(this.#path, `its pickle makes more than ${MAX_VALUES} values`);
  }

  #pop(): PickleValue {
    const [value] = this.#popMany(1);
    return value!;
  }

  #popMany(count: number): PickleValue[] {
    const least = this.#marks.at(-1) ?? 0;
    if (this.#stack.length - count < least) {
      throw this.#damaged("its pickle takes more from its stack than there is");
    }
    return this.#stack.splice(this.#stack.length - count, count);
  }

  #popMark(): PickleValue[] {
    const height = this.#marks.pop();
    if (height === undefined) throw this.#damaged("its pickle has no mark where one is needed");
    return this.#stack.splice(height);
  }

  #long(lengthBytes: number): number | bigint {
    if (lengthBytes > MAX_NUMBER_BYTES) {
      throw refused(this.#path, `its pickle has a number of ${lengthBytes} bytes`);
    }
    const start = this.#skip(lengthBytes);
    let value = 0n;
    for (let index = lengthBytes - 1; index >= 0; index--) {
      value = value << 8n | BigInt(this.#bytes[start + index]!);
    }
    const signed = BigInt.asIntN(8 * lengthBytes, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  #text(lengthBytes: number, encoding: keyof typeof decoders = "utf8"): string {
    const start = this.#skip(lengthBytes);
    return decoders[encoding].decode(this.#bytes.subarray(start, start + lengthBytes));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end === -1) throw this.#ended();
    const text = this.#text(end - this.at);
    this.at++;
    return text;
  }

  #uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  #uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  /** Goes past bytes. @returns where they begin. */
  #skip(lengthBytes: number): number {
    const start = this.at;
    if (lengthBytes > this.#bytes.length - start) throw this.#ended();
    this.at = start + lengthBytes;
    return start;
  }

  #ended(): Error {
    return this.#damaged("it ends in the middle of its pickle");
  }

  #damaged(fault: string): Error {
    return damaged(this.#path, fault);
  }
}
