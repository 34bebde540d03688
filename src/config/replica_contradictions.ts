import { contradictionsOf } from "./contradictions.ts";

/** What of a configuration matters to whether several processes can train it together. */
interface ReplicaOptions {
  readonly xla: boolean;
  readonly poolSize: number;
  readonly lambdaPerceptual: number;
  readonly perceptual: "vgg16" | "encoder";
}

const contradiction = contradictionsOf<ReplicaOptions>();

/** What cannot be had with several replicas. */
export const replicaContradictions = [
  contradiction(["xla"], ({ xla }) => {
    const description =
      "is not available with several replicas: its compiled step cannot wait for the others";
    return xla ? { field: "xla", description } : undefined;
  }),
  contradiction(["poolSize"], ({ poolSize }) => {
    const description = "must be 0 with several replicas: each would have its own pool, and " +
      "a checkpoint keeps only rank 0's";
    return poolSize > 0 ? { field: "poolSize", description } : undefined;
  }),
  contradiction(["lambdaPerceptual", "perceptual"], ({ lambdaPerceptual, perceptual }, nameOf) => {
    if (lambdaPerceptual === 0 || perceptual === "encoder") return undefined;
    const description = `must be 0 with several replicas, or ${nameOf("perceptual")} encoder: ` +
      "only rank 0 reads a VGG16's weights";
    return { field: "lambdaPerceptual", description };
  }),
];
