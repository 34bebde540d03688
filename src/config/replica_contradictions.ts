import { contradictionsOf } from "./contradictions.ts";

/** What of a configuration matters to whether several processes can train it together. */
interface ReplicaOptions {
  readonly xla: boolean;
  readonly poolSize: number;
}

const contradiction = contradictionsOf<ReplicaOptions>();

/** What cannot be had with several replicas. */
export const replicaContradictions = [
  contradiction(["xla"], ({ xla }) => {
    const description = "cannot be had with several replicas: what it compiles waits for nobody";
    return xla ? { field: "xla", description } : undefined;
  }),
  contradiction(["poolSize"], ({ poolSize }) => {
    const description = "must be 0 with several replicas: each would have a pool of its own, and " +
      "a checkpoint keeps rank 0's alone";
    return poolSize > 0 ? { field: "poolSize", description } : undefined;
  }),
];
