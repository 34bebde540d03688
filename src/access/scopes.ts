/** What a client may be allowed to do. */
export const scopes = ["read", "train", "colorize", "admin"] as const;

/** One of `scopes`; "admin" includes the others. */
export type Scope = typeof scopes[number];

/** The calls of tinct.v1 that each scope is for. */
const methods: Readonly<Record<Scope, readonly string[]>> = {
  read: [
    "ColorizationService/StreamMetrics",
    "TrainingJobService/GetTrainingJob",
    "TrainingJobService/ListTrainingJobs",
    "TrainingJobService/ListCheckpoints",
    "TrainingJobService/GetCapabilities",
    "ModelService/ListModels",
    "ModelService/GetModel",
    "DatasetService/ListDatasets",
    "DatasetService/ListDatasetFiles",
    "DatasetService/GetDataset",
    "DatasetService/PreviewPhotos",
    "WeightsService/ListWeights",
    "WeightsService/GetWeights",
    "SweepService/GetSweep",
    "SweepService/WatchSweep",
    "SweepService/ListSweeps",
  ],
  train: [
    "ColorizationService/Train",
    "TrainingJobService/CancelTrainingJob",
    "TrainingJobService/PauseTrainingJob",
    "TrainingJobService/ResumeTrainingJob",
    "TrainingJobService/ValidateTrainingConfig",
    "TrainingJobService/DownloadCheckpoint",
    "ModelService/ExportModel",
    "DatasetService/UploadDataset",
    "DatasetService/UploadPieces",
    "WeightsService/UploadWeights",
    "SweepService/CreateSweep",
    "SweepService/CancelSweep",
  ],
  colorize: [
    "ColorizationService/Colorize",
    "ColorizationService/ColorizeStream",
    "ColorizationService/ColorizeInPieces",
    "ColorizationService/ColorizeFrames",
  ],
  admin: [
    "TrainingJobService/DeleteTrainingJob",
    "ModelService/PromoteCheckpoint",
    "ModelService/ImportModel",
    "ModelService/DeleteModel",
    "DatasetService/DeleteDataset",
    "WeightsService/DeleteWeights",
    "SweepService/DeleteSweep",
  ],
};

/** The calls of inference.GRPCInferenceService that each scope is for. */
const inferenceMethods: Readonly<Partial<Record<Scope, readonly string[]>>> = {
  read: [
    "ServerLive",
    "ServerReady",
    "ServerMetadata",
    "ModelReady",
    "ModelMetadata",
    "RepositoryIndex",
  ],
  colorize: ["ModelInfer", "ModelStreamInfer"],
  admin: ["RepositoryModelLoad", "RepositoryModelUnload"],
};

/** What each call needs, by its path; and the metrics, which are asked for over HTTP. */
const needed: ReadonlyMap<string, Scope> = new Map([
  ["/metrics", "read"],
  ...scopes.flatMap((scope): [string, Scope][] => [
    ...methods[scope].map((method): [string, Scope] => [`/tinct.v1.${method}`, scope]),
    ...(inferenceMethods[scope] ?? []).map((method): [string, Scope] => [
      `/inference.GRPCInferenceService/${method}`,
      scope,
    ]),
  ]),
]);

/**
 * The scope that a call needs; one that is not known needs "admin".
 *
 * @param path such as "/tinct.v1.ColorizationService/Train".
 */
export function scopeOf(path: string): Scope {
  return needed.get(path) ?? "admin";
}

/** Whether a call is for everybody: probes and tools ask before they have a token. */
export function needsNoToken(path: string): boolean {
  return /^\/grpc\.(?:health|reflection)\.v1(?:alpha)?\./.test(path);
}

/** Whether a text is a scope. */
export function isScope(text: unknown): text is Scope {
  return scopes.some((scope) => scope === text);
}
