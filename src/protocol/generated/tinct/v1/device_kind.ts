// Made from protos/tinct/v1/server_capabilities.proto
// by `deno task protos`. Changes here get lost.

export const DeviceKind = {
  DEVICE_KIND_UNSPECIFIED: 'DEVICE_KIND_UNSPECIFIED',
  DEVICE_KIND_CPU: 'DEVICE_KIND_CPU',
  DEVICE_KIND_GPU: 'DEVICE_KIND_GPU',
} as const;

export type DeviceKind =
  | 'DEVICE_KIND_UNSPECIFIED'
  | 0
  | 'DEVICE_KIND_CPU'
  | 1
  | 'DEVICE_KIND_GPU'
  | 2

export type DeviceKind__Output = typeof DeviceKind[keyof typeof DeviceKind]
