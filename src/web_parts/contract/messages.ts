/**
 * The messages of the contract that the pages use, as ProtoJSON has them: fields with their default
 * are left out, 64-bit integers are texts, times by RFC 3339, durations in seconds with an "s".
 */

/** A whole number of 64 bits. */
export type Long = string | number;

/** Where a job stands, such as "JOB_STATE_RUNNING". */
type JobState = string;

/** Options by name, as a job has them. */
type Config = Readonly<Record<string, string | number | boolean>>;

/** See `TrainingProgress`. */
export interface Progress {
  readonly phase?: string;
  readonly step?: Long;
  readonly totalSteps?: Long;
  readonly epoch?: number;
  readonly photosDone?: Long;
  readonly photosTotal?: Long;
  readonly timeLeft?: string;
}

/** See `Losses`. */
export interface Losses {
  readonly step?: Long;
  readonly epoch?: number;
  readonly lossDFake?: number;
  readonly lossDReal?: number;
  readonly lossD?: number;
  readonly lossGGan?: number;
  readonly lossGL1?: number;
  readonly lossG?: number;
  readonly lrG?: number;
  readonly lrD?: number;
  readonly imagesPerSecond?: number;
  readonly timeLeft?: string;
  readonly lossDGp?: number;
  readonly lossGColor?: number;
  readonly lossGHint?: number;
  readonly lossGPerceptual?: number;
}

/** See `Validation`. */
export interface Validation {
  readonly step?: Long;
  readonly photos?: number;
  readonly psnrDb?: number;
  readonly grayPsnrDb?: number;
  readonly ssim?: number;
  readonly graySsim?: number;
  readonly deltaE2000?: number;
  readonly grayDeltaE2000?: number;
  readonly colorfulnessRatio?: number;
  readonly best?: boolean;
}

/** See `TrainingJob`. */
export interface Job {
  readonly jobId: string;
  readonly displayName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state: JobState;
  readonly dataset?: string;
  readonly config?: Config;
  readonly createTime?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly queuePosition?: number;
  readonly device?: string;
  readonly attempt?: number;
  readonly progress?: Progress;
  readonly latestLosses?: Losses;
  readonly latestValidation?: Validation;
  readonly failure?: { readonly code?: number; readonly message?: string };
  readonly latestSequence?: Long;
}

/** See `Checkpoint`. */
export interface Checkpoint {
  readonly step?: Long;
  readonly epoch?: number;
  readonly createTime?: string;
  readonly sizeBytes?: Long;
  readonly best?: boolean;
  readonly validation?: Validation;
}

/** See `LossHistory`. */
export interface LossHistory {
  readonly events?: Long;
  readonly startTime?: string;
  readonly steps?: readonly Long[];
  readonly epochs?: readonly number[];
  readonly seconds?: readonly number[];
  readonly series?: readonly {
    readonly name: string;
    readonly points?: readonly number[];
    readonly means?: readonly number[];
    readonly least?: readonly number[];
    readonly greatest?: readonly number[];
  }[];
}

/** See `SheetPhoto`. */
interface SheetPhoto {
  readonly left?: number;
  readonly top?: number;
  readonly psnrDb?: number;
  readonly grayPsnrDb?: number;
  readonly deltaE2000?: number;
  readonly grayDeltaE2000?: number;
  readonly colorfulnessRatio?: number;
}

/** See `SheetLayout`. */
export interface SheetLayout {
  readonly size?: number;
  readonly pitch?: number;
  readonly columns?: readonly string[];
  readonly photos?: readonly SheetPhoto[];
}

/** See `SampleEvent`. */
export interface Sample {
  readonly step?: Long;
  readonly image?: string;
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
  readonly originalWidth?: number;
  readonly photos?: number;
  readonly measures?: Validation;
  readonly layout?: SheetLayout;
}

/** See `StateEvent`. */
export interface StateChange {
  readonly from?: JobState;
  readonly to?: JobState;
  readonly trigger?: string;
  readonly message?: string;
  readonly failure?: { readonly message?: string };
  readonly signal?: string;
  readonly step?: Long;
}

/** See `LogEntry`. */
export interface LogEntry {
  readonly level?: string;
  readonly message?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** See `StreamMetricsResponse`. */
export interface JobEvent {
  readonly sequence?: Long;
  readonly time?: string;
  readonly attempt?: number;
  readonly state?: StateChange;
  readonly losses?: Losses;
  readonly validation?: Validation;
  readonly sample?: Sample;
  readonly checkpoint?: Checkpoint;
  readonly log?: LogEntry;
  readonly heartbeat?: { readonly progress?: Progress; readonly residentBytes?: Long };
  readonly dropped?: { readonly firstSequence?: Long };
  readonly history?: LossHistory;
}

/** See `TrainingOption`. */
export interface Option {
  readonly name: string;
  readonly kind: string;
  readonly defaultValue: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  readonly unit?: string;
  readonly help: string;
}

/** See `Device`. */
interface Device {
  readonly name: string;
  readonly kind: string;
  readonly description?: string;
  readonly memoryBytes?: Long;
  readonly precisions?: readonly string[];
  readonly jobId?: string;
  readonly replicas?: number;
}

/** See `GetCapabilitiesResponse`. */
export interface Capabilities {
  readonly version: string;
  readonly tensorflowVersion?: string;
  readonly devices?: readonly Device[];
  readonly trainingOptions?: readonly Option[];
  readonly limits?: Readonly<Record<string, Long>>;
}

/** See `FieldViolation`. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/** See `DatasetReport`. */
export interface DatasetReport {
  readonly photos?: Long;
  readonly usablePhotos?: Long;
  readonly grayPhotos?: Long;
  readonly brokenPhotos?: Long;
  readonly sizeBytes?: Long;
  readonly minSide?: number;
  readonly maxSide?: number;
  readonly problems?: readonly {
    readonly fileName: string;
    readonly kind: string;
    readonly message: string;
  }[];
  readonly sides?: readonly { readonly fromSide?: number; readonly photos?: Long }[];
  readonly smallPhotos?: Long;
  readonly smallSide?: number;
  readonly duplicatePhotos?: Long;
  readonly duplicates?: readonly {
    readonly fileNames: readonly string[];
    readonly photos?: number;
  }[];
  readonly leakedPhotos?: Long;
  readonly trainingPhotos?: Long;
  readonly otherFormats?: Readonly<Record<string, Long>>;
  readonly scanTime?: string;
}

/** See `PhotoPreview`. */
export interface PhotoPreview {
  readonly fileName: string;
  readonly image?: string;
  readonly width?: number;
  readonly height?: number;
  readonly fault?: { readonly message?: string };
}

/** See `Dataset`. */
export interface Dataset {
  readonly name: string;
  readonly state: string;
  readonly source: string;
  readonly photos?: Long;
  readonly sizeBytes?: Long;
  readonly createTime?: string;
  readonly updateTime?: string;
}

/** See `ResourceReport`. */
interface Resources {
  readonly device?: string;
  readonly deviceBusy?: boolean;
  readonly stepTime?: string;
  readonly totalTime?: string;
  readonly totalSteps?: Long;
  readonly memoryBytes?: Long;
  readonly availableMemoryBytes?: Long;
  readonly checkpointBytes?: Long;
  readonly checkpoints?: number;
  readonly preparedBytes?: Long;
  readonly freeDiskBytes?: Long;
  readonly warnings?: readonly string[];
}

/** See `ValidateTrainingConfigResponse`. */
export interface Checked {
  readonly valid?: boolean;
  readonly violations?: readonly Violation[];
  readonly config?: Config;
  readonly dataset?: DatasetReport;
  readonly warnings?: readonly string[];
  readonly resources?: Resources;
}

/** See `Model`. */
export interface Model {
  readonly name: string;
  readonly version?: number;
  readonly jobId?: string;
  readonly step?: Long;
  readonly description?: string;
  readonly createTime?: string;
  readonly sizeBytes?: Long;
  readonly config?: Config;
  readonly validation?: Validation;
  readonly loaded?: boolean;
  readonly weights?: string;
  readonly imported?: ImportedNetwork;
}

/** See `ImportedNetwork`. */
interface ImportedNetwork {
  readonly fileName: string;
  readonly sha256: string;
  readonly profileName?: string;
  readonly profile: string;
  readonly size: number;
  readonly parameters: Long;
}

/** See `ModelReference`. */
export interface ModelReference {
  readonly name?: string;
  readonly version?: number;
  readonly checkpoint?: { readonly jobId: string; readonly step?: Long; readonly choice?: string };
  readonly weights?: string;
}

/** See `ColorizedPhoto`. */
export interface ColorizedPhoto {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes?: Long;
  readonly model?: ModelReference;
  readonly timings?: Readonly<Record<string, string | number>>;
  readonly pagesLeftOut?: number;
  readonly colors?: {
    readonly colorfulness?: number;
    readonly cast?: { readonly a?: number; readonly b?: number };
    readonly nearlyGray?: boolean;
  };
  readonly device?: string;
}

/** See `SweepTrial`. */
interface SweepTrial {
  readonly trial?: number;
  readonly values?: Readonly<
    Record<
      string,
      { readonly number?: number; readonly word?: string; readonly flag?: boolean }
    >
  >;
  readonly state: string;
  readonly rung?: number;
  readonly metricValue?: number;
  readonly step?: Long;
  readonly jobIds?: readonly string[];
}

/** See `Sweep`. */
export interface Sweep {
  readonly sweepId: string;
  readonly displayName?: string;
  readonly spec?: {
    readonly dataset?: string;
    readonly method?: string;
    readonly parameters?: readonly {
      readonly option: string;
      readonly range?: { readonly logarithmic?: boolean };
    }[];
    readonly metric?: string;
    readonly halving?: { readonly minSteps?: number };
  };
  readonly state: string;
  readonly message?: string;
  readonly trials?: readonly SweepTrial[];
  readonly bestTrial?: number;
  readonly createTime?: string;
  readonly endTime?: string;
}
