import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a container, or another control group of Linux, lets its processes have. */
export interface ContainerMemory {
  /** The most that all of them may have together, in bytes. */
  readonly limitBytes: number;
  /** What they have, the files left out that the system would give up, in bytes. */
  readonly usedBytes: number;
}

/** Where Linux tells of control groups. */
interface ControlGroupFolders {
  readonly proc: string;
  readonly groups: string;
}

/** What the two versions of control groups call their files. */
const versions = {
  v1: {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    idle: /^total_inactive_file (\d+)$/m,
  },
  v2: { limit: "memory.max", used: "memory.current", idle: /^inactive_file (\d+)$/m },
} as const;

/** Version 1 has a number near 2^63 where there is no limit. */
const NO_LIMIT = 2 ** 60;

/**
 * The tightest limit of the control groups that this process is in: of those around it, the one that
 * leaves least.
 *
 * @returns undefined where there is no limit, and where the system does not tell (it is not Linux).
 */
export function containerMemory(
  { proc, groups }: ControlGroupFolders = { proc: "/proc", groups: "/sys/fs/cgroup" },
): ContainerMemory | undefined {
  const own = read(join(proc, "self", "cgroup")) ?? "";
  const [, v1] = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(own) ?? [];
  const [, v2] = /^0::(.*)$/m.exec(own) ?? [];
  const found = [
    ...(v1 === undefined ? [] : limitsAt(join(groups, "memory"), v1, "v1")),
    ...(v2 === undefined ? [] : limitsAt(groups, v2, "v2")),
  ];
  const left = ({ limitBytes, usedBytes }: ContainerMemory) => limitBytes - usedBytes;
  return found.sort((a, b) => left(a) - left(b))[0];
}

/** The limits of a group and of those around it; in a container its own group may be the root. */
function limitsAt(root: string, path: string, version: keyof typeof versions): ContainerMemory[] {
  const { limit, used, idle } = versions[version];
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return Array.from({ length: parts.length + 1 }, (_, depth) => parts.slice(0, depth)).flatMap(
    (parts) => {
      const folder = join(root, ...parts);
      const limitBytes = Number(read(join(folder, limit)) ?? NaN); // "max" is none
      if (!(limitBytes < NO_LIMIT)) return [];
      const usedBytes = Number(read(join(folder, used)) ?? 0);
      const [, idleBytes = "0"] = idle.exec(read(join(folder, "memory.stat")) ?? "") ?? [];
      return [{ limitBytes, usedBytes: Math.max(0, usedBytes - Number(idleBytes)) }];
    },
  );
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined; // another system, another version, or a group that this process does not see
  }
}
