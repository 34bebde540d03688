import type { Node } from "../tensorflow/graph.ts";

/** What has touched one resource so far: the last write, and the reads after it. */
interface Accesses {
  lastWrite: Node | undefined;
  readsSince: Node[];
}

/**
 * Keeps reads and writes of resource variables in program order. A graph function runs its nodes as
 * soon as their inputs are there, so the order has to be said: a read comes after the last write of
 * its variable, a write after the last write and every read since.
 */
export class ResourceOrder {
  readonly #accesses = new Map<number, Accesses>();

  /**
   * The nodes that must have run before an access.
   *
   * @param resource the tensor id of the variable's handle.
   * @param access "read" or "write".
   */
  before(resource: number, access: "read" | "write"): Node[] {
    const { lastWrite, readsSince } = this.#of(resource);
    const nodes = access === "write" ? [...readsSince] : [];
    if (lastWrite !== undefined) nodes.push(lastWrite);
    return nodes;
  }

  /** Notes an access, once its node is there. */
  note(resource: number, access: "read" | "write", node: Node): void {
    const accesses = this.#of(resource);
    if (access === "read") accesses.readsSince.push(node);
    else {
      accesses.lastWrite = node;
      accesses.readsSince = [];
    }
  }

  /** The last write of each variable: what a function has to run though no output needs it. */
  lastWrites(): Node[] {
    const writes = [...this.#accesses.values()].flatMap(({ lastWrite }) => lastWrite ?? []);
    return [...new Set(writes)]; // one operation may write several
  }

  #of(resource: number): Accesses {
    let accesses = this.#accesses.get(resource);
    if (accesses === undefined) {
      accesses = { lastWrite: undefined, readsSince: [] };
      this.#accesses.set(resource, accesses);
    }
    return accesses;
  }
}
