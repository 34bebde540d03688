// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

export const SweepMethod = {
  SWEEP_METHOD_UNSPECIFIED: 'SWEEP_METHOD_UNSPECIFIED',
  SWEEP_METHOD_RANDOM: 'SWEEP_METHOD_RANDOM',
  SWEEP_METHOD_GRID: 'SWEEP_METHOD_GRID',
} as const;

export type SweepMethod =
  | 'SWEEP_METHOD_UNSPECIFIED'
  | 0
  | 'SWEEP_METHOD_RANDOM'
  | 1
  | 'SWEEP_METHOD_GRID'
  | 2

export type SweepMethod__Output = typeof SweepMethod[keyof typeof SweepMethod]
