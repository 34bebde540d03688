import type { Attribute, OnnxGraph } from "./onnx_graph.ts";

/** A value of a graph by its name, or a number. */
type Operand = string | number;

/** Arithmetic, written into a graph. */
export class OnnxMath {
  readonly graph: OnnxGraph;

  constructor(graph: OnnxGraph) {
    this.graph = graph;
  }

  /** Any operation of values and numbers. */
  of(
    operation: string,
    operands: readonly Operand[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const names = operands.map((each) => typeof each === "number" ? this.graph.number(each) : each);
    return this.graph.node(operation, names, attributes);
  }

  add(a: Operand, b: Operand): string {
    return this.of("Add", [a, b]);
  }

  subtract(a: Operand, b: Operand): string {
    return this.of("Sub", [a, b]);
  }

  multiply(a: Operand, b: Operand): string {
    return this.of("Mul", [a, b]);
  }

  divide(a: Operand, b: Operand): string {
    return this.of("Div", [a, b]);
  }

  largest(a: Operand, b: Operand): string {
    return this.of("Max", [a, b]);
  }

  /** a where x > limit, else b. */
  above(x: string, limit: number, a: Operand, b: Operand): string {
    return this.of("Where", [this.of("Greater", [x, limit]), a, b]);
  }

  /** Planes [N, C, H, W] mixed by a matrix, a row for each result. */
  mixed(planes: string, rows: readonly (readonly number[])[]): string {
    const shape = [rows.length, rows[0]?.length ?? 0, 1, 1];
    return this.graph.node("Conv", [
      planes,
      this.graph.constant(Float32Array.from(rows.flat()), shape),
    ]);
  }

  /** Of planes [N, C, H, W] the one of an index, [N, 1, H, W]. */
  plane(planes: string, index: number): string {
    return this.graph.node("Gather", [planes, this.graph.integers(index)], { axis: 1 });
  }
}
