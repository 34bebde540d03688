import { TinctError } from "../errors.ts";
import type { OnnxModel, OnnxNode } from "./onnx_model.ts";

/**
 * The nodes that lead to some outputs, each after those that it needs, whatever their order in the
 * file.
 *
 * @param path names the file in errors.
 * @throws TinctError `data_loss` for nodes in a circle, a value that nothing makes, or two do.
 */
export function orderNodes(
  { nodes, constants, inputs }: Pick<OnnxModel, "nodes" | "constants" | "inputs">,
  outputs: readonly string[],
  path: string,
): OnnxNode[] {
  const makers = new Map<string, OnnxNode>();
  for (const node of nodes) {
    for (const name of node.outputs.filter((each) => each !== "")) {
      if (makers.has(name) || constants.has(name) || inputs.has(name)) {
        throw new TinctError("data_loss", `${path} is damaged: two things are called ${name}.`);
      }
      makers.set(name, node);
    }
  }
  const ordered: OnnxNode[] = [];
  const states = new Map<OnnxNode, "begun" | "done">();
  /** What is wanted, the next last, and who asks. A node is seen before its inputs and after them. */
  const wanted: { readonly name: string; readonly by: OnnxNode | undefined }[] = outputs
    .map((name) => ({ name, by: undefined }));
  while (wanted.length > 0) {
    const { name, by } = wanted.at(-1)!;
    const node = makers.get(name);
    if (node === undefined || states.get(node) === "done") {
      wanted.pop();
      if (node !== undefined || name === "" || constants.has(name) || inputs.has(name)) continue;
      throw new TinctError(
        "data_loss",
        `${path} is damaged: nothing makes ${name}, which ${
          by === undefined ? "is an output" : `${nodeName(by)} takes`
        }.`,
      );
    }
    const missing = node.inputs.filter((input) => {
      const maker = makers.get(input);
      return maker === undefined
        ? input !== "" && !constants.has(input) && !inputs.has(input)
        : states.get(maker) !== "done";
    });
    if (missing.length === 0) {
      wanted.pop();
      ordered.push(node);
      states.set(node, "done");
      continue;
    }
    if (states.get(node) === "begun") {
      throw new TinctError(
        "data_loss",
        `${path} is damaged: its nodes go in a circle, ${nodeName(node)} needs ${
          missing[0]
        }, which ` +
          "needs it.",
      );
    }
    states.set(node, "begun");
    for (const input of missing) wanted.push({ name: input, by: node });
  }
  return ordered;
}

/** How a node is called in sentences: its operation, and its name or what it makes. */
export function nodeName({ operation, name, outputs }: OnnxNode): string {
  return `${operation} "${name || outputs[0]}"`;
}
