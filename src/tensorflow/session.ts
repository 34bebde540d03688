import { Buffer } from "./buffer.ts";
import { cString } from "./c_string.ts";
import type { SessionOptions as Settings } from "./config_proto.ts";
import { Graph, type NodeOutput, packOutputs } from "./graph.ts";
import { NativeObject } from "./native_object.ts";
import { SessionOptions } from "./session_options.ts";
import { readSignatures, type Signature } from "./signature.ts";
import { Status } from "./status.ts";
import type { Symbols } from "./symbols.ts";
import { HostTensor } from "./tensor.ts";

/** A `TF_Session` of a SavedModel. Owns the model's graph, too. */
export class Session extends NativeObject {
  readonly #symbols: Symbols;
  readonly #graph: Graph;
  #signatures: ReadonlyMap<string, Signature> = new Map();

  private constructor(symbols: Symbols, pointer: Deno.PointerValue, graph: Graph) {
    super("TF_Session", pointer, (session) => {
      using status = new Status(symbols);
      symbols.TF_CloseSession(session, status.pointer);
      symbols.TF_DeleteSession(session, status.pointer);
    });
    this.#symbols = symbols;
    this.#graph = graph;
  }

  /** What the model can be asked for, by name; most have one, "serving_default". */
  get signatures(): ReadonlyMap<string, Signature> {
    return this.#signatures;
  }

  /**
   * Loads a SavedModel, without blocking the event loop.
   *
   * @param folder the folder that holds saved_model.pb.
   * @throws TinctError what TensorFlow says of a folder that is none, or is damaged.
   */
  static async load(symbols: Symbols, folder: string, settings: Settings): Promise<Session> {
    using options = new SessionOptions(symbols, settings);
    using status = new Status(symbols);
    using metaGraph = new Buffer(symbols);
    const graph = new Graph(symbols);
    let session: Session | undefined;
    try {
      const tag = cString("serve");
      const tags = BigUint64Array.of(Deno.UnsafePointer.value(Deno.UnsafePointer.of(tag)));
      const pointer = await symbols.TF_LoadSessionFromSavedModel(
        options.pointer,
        null,
        cString(folder),
        tags,
        1,
        graph.pointer,
        metaGraph.pointer,
        status.pointer,
      );
      status.check(`loading the SavedModel ${folder}`);
      session = new Session(symbols, pointer, graph);
      session.#signatures = readSignatures(metaGraph.bytes());
      return session;
    } catch (error) {
      (session ?? graph)[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Computes a tensor from another, without blocking the event loop.
   *
   * @param input the name of the tensor that `value` stands for, such as "pictures:0".
   * @param output the name of the result.
   * @param value stays the caller's, and must stay until the promise settles.
   * @returns the result; the caller's own.
   */
  async run(input: string, output: string, value: HostTensor): Promise<HostTensor> {
    using status = new Status(this.#symbols);
    const inputs = packOutputs([this.#outputOf(input)]);
    const outputs = packOutputs([this.#outputOf(output)]);
    const values = BigUint64Array.of(Deno.UnsafePointer.value(value.pointer));
    const results = new BigUint64Array(1);
    await this.#symbols.TF_SessionRun(
      this.pointer,
      null,
      inputs,
      values,
      1,
      outputs,
      results,
      1,
      null,
      0,
      null,
      status.pointer,
    );
    status.check(`running ${output}`);
    return new HostTensor(this.#symbols, Deno.UnsafePointer.create(results[0] ?? 0n));
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#graph[Symbol.dispose]();
  }

  #outputOf(tensor: string): NodeOutput {
    const [name = "", index = "0"] = tensor.split(":");
    const node = this.#graph.find(name);
    if (node === undefined) throw new TypeError(`The model has no tensor ${tensor}.`);
    return { node, index: Number(index) };
  }
}
