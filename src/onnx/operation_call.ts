import type { Tensor } from "@tensorflow/tfjs";
import { TinctError } from "../errors.ts";
import { nodeName } from "./graph_order.ts";
import type { OnnxNode } from "./onnx_model.ts";
import { type OnnxValue, own, plain } from "./onnx_value.ts";

/** How a node is computed: one value, or one for each of its outputs. */
export type Operation = (call: OperationCall) => OnnxValue | readonly OnnxValue[];

/** Computes what hangs on these values alone: once, where they are constants. */
export type Once = (from: readonly OnnxValue[], compute: () => Tensor) => Tensor;

/** What an operation is computed from: a node, and the values of its inputs. */
export class OperationCall {
  readonly node: OnnxNode;
  /** The version of ONNX's operations that the model was written for. */
  readonly opset: number;
  /** Undefined where an optional input is left out. */
  readonly inputs: readonly (OnnxValue | undefined)[];
  readonly once: Once;
  readonly #advice: string;

  constructor(
    node: OnnxNode,
    inputs: readonly (OnnxValue | undefined)[],
    { opset, once, advice }: {
      readonly opset: number;
      readonly once: Once;
      readonly advice: string;
    },
  ) {
    this.node = node;
    this.inputs = inputs;
    this.opset = opset;
    this.once = once;
    this.#advice = advice;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  /** @throws TinctError `data_loss` where the node lacks the input. */
  value(index: number): OnnxValue {
    const value = this.inputs[index];
    if (value !== undefined) return value;
    throw new TinctError(
      "data_loss",
      `The network is damaged: ${nodeName(this.node)} lacks its input ${index + 1}.`,
    );
  }

  /** An input in ONNX's order; a constant one is brought into it once. */
  plain(index: number): Tensor {
    const value = this.value(index);
    return value.isMap ? plain(value) : value.tensor;
  }

  /** The numbers of an input that has to be known before any picture is. */
  numbers(index: number): number[] {
    const { tensor } = own(this.plain(index));
    try {
      return [...tensor.dataSync()];
    } catch {
      throw this.unsupported(`an input ${index + 1} that hangs on the picture's colours`);
    }
  }

  integer(name: string, other: number): number {
    return this.node.attributes.get(name)?.integer ?? other;
  }

  flag(name: string, other = false): boolean {
    return this.integer(name, other ? 1 : 0) === 1;
  }

  float(name: string, other: number): number {
    return this.node.attributes.get(name)?.float ?? other;
  }

  text(name: string, other: string): string {
    return this.node.attributes.get(name)?.text ?? other;
  }

  integers(name: string): readonly number[] | undefined {
    return this.node.attributes.get(name)?.integers;
  }

  /** What newer versions take as an input and older ones have as an attribute. */
  listed(name: string, index: number): readonly number[] | undefined {
    return this.integers(name) ?? (this.has(index) ? this.numbers(index) : undefined);
  }

  /** The error that the node needs what there is not. */
  unsupported(what: string): TinctError {
    return new TinctError(
      "unimplemented",
      `The network needs ${what} (${nodeName(this.node)}), which Tinct does not support: ` +
        `${this.#advice}.`,
    );
  }
}
