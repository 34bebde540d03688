// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

export interface SuccessiveHalving {
  'minSteps'?: (number);
  'maxSteps'?: (number);
  'reductionFactor'?: (number);
}

export interface SuccessiveHalving__Output {
  'minSteps': (number);
  'maxSteps': (number);
  'reductionFactor': (number);
}
