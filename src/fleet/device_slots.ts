import { TinctError } from "../errors.ts";

/** Something that trains one job at a time. */
export interface SlotDevice {
  /**
   * "cpu", or such as "gpu:0", and "gpu:0.1" for a part of a divided card: the name that workers know
   * it by; "gpu:0+gpu:1" of a group.
   */
  readonly name: string;
  readonly kind: "cpu" | "gpu";
  /** What its maker calls it; "" where that is not known. */
  readonly description: string;
  /** Its memory in bytes; 0 where that is not known. */
  readonly memoryBytes: number;
  /** Of a group: the device of each process that trains there, by rank; see `replicasOf`. */
  readonly replicas?: readonly string[];
  /** What `CUDA_VISIBLE_DEVICES` calls it, or each of a group, by name; one left out by its number. */
  readonly cudaNames?: Readonly<Record<string, string>>;
}

/** A device and the job that holds it. */
export interface SlotStatus extends SlotDevice {
  readonly jobId: string | undefined;
}

/** The devices of the processes that train a job in a slot together, by rank; one or more. */
export function replicasOf(
  { name, replicas }: Pick<SlotDevice, "name" | "replicas">,
): readonly [string, ...string[]] {
  const [first = name, ...others] = replicas ?? [];
  return [first, ...others];
}

/**
 * Makes slots in which several processes train a job together: of as many GPUs each, in their
 * order; of the processors, which the processes share, one.
 *
 * @param replicas processes of a job; with 1 the devices are the slots.
 * @throws {TinctError} failed_precondition where GPUs would be left over.
 */
export function groupDevices(
  devices: readonly SlotDevice[],
  replicas: number,
): readonly SlotDevice[] {
  if (replicas === 1) return devices;
  const gpus = devices.filter(({ kind }) => kind === "gpu");
  if (gpus.length % replicas !== 0) {
    throw new TinctError(
      "failed_precondition",
      `--replicas ${replicas} would leave some of this machine's GPUs (${gpus.length}) over: give ` +
        "a number that divides theirs, or show the server fewer of them.",
    );
  }
  const cpus = devices.filter(({ kind }) => kind === "cpu").map((cpu) =>
    groupOf(Array<SlotDevice>(replicas).fill(cpu), { ...cpu })
  );
  const groups = Array.from({ length: gpus.length / replicas }, (_, index) => {
    const members = gpus.slice(index * replicas, (index + 1) * replicas);
    return groupOf(members, {
      kind: "gpu",
      description: [...new Set(members.map(({ description }) => description))].join(", "),
      memoryBytes: members.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    });
  });
  return [...cpus, ...groups];
}

function groupOf(
  members: readonly SlotDevice[],
  about: Pick<SlotDevice, "kind" | "description" | "memoryBytes">,
): SlotDevice {
  const replicas = members.map(({ name }) => name);
  const cudaNames = Object.assign({}, ...members.map((member) => member.cudaNames));
  return {
    ...about,
    name: replicas.join("+"),
    replicas,
    ...(Object.keys(cudaNames).length > 0 && { cudaNames }),
  };
}
