import { cString } from "./c_string.ts";
import { type Graph, type Node, type NodeOutput, packOutputs } from "./graph.ts";
import { NativeObject } from "./native_object.ts";
import { message, varintField } from "./protobuf.ts";
import { Status } from "./status.ts";

/** What becomes of a graph as a function. */
interface FunctionSignature {
  readonly name: string;
  readonly inputs: readonly NodeOutput[];
  readonly outputs: readonly NodeOutput[];
  /** Nodes that must run though no output needs them: writes to variables. */
  readonly controlOutputs: readonly Node[];
  /** True has XLA compile it, or fail. */
  readonly xla: boolean;
}

/** A `TF_Function`, made from a graph, which may then be disposed of. */
export class GraphFunction extends NativeObject {
  readonly name: string;

  constructor(graph: Graph, { name, inputs, outputs, controlOutputs, xla }: FunctionSignature) {
    const { symbols } = graph;
    using status = new Status(symbols);
    const control = BigUint64Array.from(controlOutputs, (node) => Deno.UnsafePointer.value(node));
    const pointer = symbols.TF_GraphToFunctionWithControlOutputs(
      graph.pointer,
      cString(name),
      0, // the name as it is, without a hash
      -1, // every node of the graph
      null,
      inputs.length,
      packOutputs(inputs),
      outputs.length,
      packOutputs(outputs),
      null, // outputs get their nodes' names
      control.length,
      control,
      null,
      null,
      cString(""),
      status.pointer,
    );
    status.check(`making the function ${name}`);
    super("TF_Function", pointer, symbols.TF_DeleteFunction);
    this.name = name;
    if (xla) {
      const yes = message(varintField(5, true)); // AttrValue { b: true }
      symbols.TF_FunctionSetAttrValueProto(
        this.pointer,
        cString("_XlaMustCompile"),
        yes,
        BigInt(yes.length),
        status.pointer,
      );
      status.check(`asking XLA to compile ${name}`);
    }
  }
}
