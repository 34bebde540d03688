// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const BestMetric = {
  BEST_METRIC_UNSPECIFIED: 'BEST_METRIC_UNSPECIFIED',
  BEST_METRIC_PSNR: 'BEST_METRIC_PSNR',
  BEST_METRIC_SSIM: 'BEST_METRIC_SSIM',
  BEST_METRIC_DELTA_E2000: 'BEST_METRIC_DELTA_E2000',
  BEST_METRIC_AB_ERROR: 'BEST_METRIC_AB_ERROR',
  BEST_METRIC_L1: 'BEST_METRIC_L1',
  BEST_METRIC_COLORFULNESS_RATIO: 'BEST_METRIC_COLORFULNESS_RATIO',
} as const;

export type BestMetric =
  | 'BEST_METRIC_UNSPECIFIED'
  | 0
  | 'BEST_METRIC_PSNR'
  | 1
  | 'BEST_METRIC_SSIM'
  | 2
  | 'BEST_METRIC_DELTA_E2000'
  | 3
  | 'BEST_METRIC_AB_ERROR'
  | 4
  | 'BEST_METRIC_L1'
  | 5
  | 'BEST_METRIC_COLORFULNESS_RATIO'
  | 6

export type BestMetric__Output = typeof BestMetric[keyof typeof BestMetric]
