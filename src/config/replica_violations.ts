import type { FieldViolation } from "../errors.ts";

/** What of a configuration matters to whether several processes can train it together. */
interface ReplicaOptions {
  readonly xla: boolean;
  readonly poolSize: number;
}

/** What cannot be had with several replicas. */
export function replicaViolations({ xla, poolSize }: ReplicaOptions): FieldViolation[] {
  const violations: FieldViolation[] = [];
  if (xla) {
    const description = "cannot be had with several replicas: what it compiles waits for nobody";
    violations.push({ field: "xla", description });
  }
  if (poolSize > 0) {
    const description =
      "must be 0 with several replicas: each would have a pool of its own, and a " +
      "checkpoint keeps rank 0's alone";
    violations.push({ field: "poolSize", description });
  }
  return violations;
}
