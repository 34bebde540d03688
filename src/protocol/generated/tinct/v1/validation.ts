// Made from protos/tinct/v1/validation.proto
// by `deno task protos`. Changes here get lost.

import type { HintedValidation as _tinct_v1_HintedValidation, HintedValidation__Output as _tinct_v1_HintedValidation__Output } from '../../tinct/v1/hinted_validation.ts';
import type { Long } from '@grpc/proto-loader';

export interface Validation {
  'step'?: (number | string | Long);
  'photos'?: (number);
  'l1'?: (number | string);
  'abError'?: (number | string);
  'psnrDb'?: (number | string);
  'grayPsnrDb'?: (number | string);
  'ssim'?: (number | string);
  'deltaE2000'?: (number | string);
  'colorfulness'?: (number | string);
  'colorfulnessRatio'?: (number | string);
  'metric'?: (string);
  'best'?: (boolean);
  'realColorfulness'?: (number | string);
  'grayL1'?: (number | string);
  'grayAbError'?: (number | string);
  'graySsim'?: (number | string);
  'grayDeltaE2000'?: (number | string);
  'vividDeltaE2000'?: (number | string);
  'hinted'?: (_tinct_v1_HintedValidation)[];
  '_l1'?: "l1";
  '_abError'?: "abError";
  '_psnrDb'?: "psnrDb";
  '_grayPsnrDb'?: "grayPsnrDb";
  '_ssim'?: "ssim";
  '_deltaE2000'?: "deltaE2000";
  '_colorfulness'?: "colorfulness";
  '_colorfulnessRatio'?: "colorfulnessRatio";
  '_realColorfulness'?: "realColorfulness";
  '_grayL1'?: "grayL1";
  '_grayAbError'?: "grayAbError";
  '_graySsim'?: "graySsim";
  '_grayDeltaE2000'?: "grayDeltaE2000";
  '_vividDeltaE2000'?: "vividDeltaE2000";
}

export interface Validation__Output {
  'step': (number);
  'photos': (number);
  'l1'?: (number);
  'abError'?: (number);
  'psnrDb'?: (number);
  'grayPsnrDb'?: (number);
  'ssim'?: (number);
  'deltaE2000'?: (number);
  'colorfulness'?: (number);
  'colorfulnessRatio'?: (number);
  'metric': (string);
  'best': (boolean);
  'realColorfulness'?: (number);
  'grayL1'?: (number);
  'grayAbError'?: (number);
  'graySsim'?: (number);
  'grayDeltaE2000'?: (number);
  'vividDeltaE2000'?: (number);
  'hinted': (_tinct_v1_HintedValidation__Output)[];
  '_l1'?: "l1";
  '_abError'?: "abError";
  '_psnrDb'?: "psnrDb";
  '_grayPsnrDb'?: "grayPsnrDb";
  '_ssim'?: "ssim";
  '_deltaE2000'?: "deltaE2000";
  '_colorfulness'?: "colorfulness";
  '_colorfulnessRatio'?: "colorfulnessRatio";
  '_realColorfulness'?: "realColorfulness";
  '_grayL1'?: "grayL1";
  '_grayAbError'?: "grayAbError";
  '_graySsim'?: "graySsim";
  '_grayDeltaE2000'?: "grayDeltaE2000";
  '_vividDeltaE2000'?: "vividDeltaE2000";
}
