// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

export const PhotoProblemKind = {
  PHOTO_PROBLEM_KIND_UNSPECIFIED: 'PHOTO_PROBLEM_KIND_UNSPECIFIED',
  PHOTO_PROBLEM_KIND_BROKEN: 'PHOTO_PROBLEM_KIND_BROKEN',
  PHOTO_PROBLEM_KIND_GRAY: 'PHOTO_PROBLEM_KIND_GRAY',
} as const;

export type PhotoProblemKind =
  | 'PHOTO_PROBLEM_KIND_UNSPECIFIED'
  | 0
  | 'PHOTO_PROBLEM_KIND_BROKEN'
  | 1
  | 'PHOTO_PROBLEM_KIND_GRAY'
  | 2

export type PhotoProblemKind__Output = typeof PhotoProblemKind[keyof typeof PhotoProblemKind]
