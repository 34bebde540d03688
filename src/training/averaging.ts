import type { Tensor } from "@tensorflow/tfjs";
import type { Collectives } from "../engine/collectives.ts";
import type { Variable } from "../engine/variable.ts";
import type { Network } from "../model/network.ts";
import { isTrainable } from "../model/parameters.ts";

/**
 * Replaces gradients by their means over the replicas: those of one batch made of all
 * replicas' batches, but for batch norm, which normalizes with each replica's own.
 *
 * @param made holds the gradients as `PREFIX.NAME`.
 */
export function averageGradients(
  collectives: Collectives,
  made: Map<string, Tensor>,
  prefix: string,
  variables: readonly Variable[],
): void {
  const gradients = variables.map(({ name }) => `${prefix}.${name}`)
    .flatMap((name) => {
      const tensor = made.get(name);
      return tensor === undefined ? [] : [{ name, tensor }];
    });
  const means = collectives.average(gradients.map(({ tensor }) => tensor));
  gradients.forEach(({ name }, i) => made.set(name, means[i]!));
}

/**
 * Ends a step of replicas: the losses become their means, and so do the running statistics of all
 * batch norms, which have moved with each replica's own batches.
 *
 * @param losses of this replica, [N].
 * @returns their means over the replicas, [N].
 */
export function averageLossesAndStatistics(
  collectives: Collectives,
  losses: Tensor,
  networks: readonly Network[],
): Tensor {
  const statistics = networks.flatMap(runningStatistics);
  const [mean, ...means] = collectives.average([losses, ...statistics.map((each) => each.read())]);
  statistics.forEach((variable, i) => variable.assign(means[i]!));
  return mean!;
}

function runningStatistics(network: Network): Variable[] {
  return network.specs.filter((spec) => !isTrainable(spec))
    .map(({ name }) => network.variable(name));
}
