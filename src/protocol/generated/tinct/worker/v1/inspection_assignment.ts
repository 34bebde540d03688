// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

export interface InspectionAssignment {
  'datasetFolder'?: (string);
  'size'?: (number);
  'validationFraction'?: (number | string);
  'seed'?: (number);
  'untilTrained'?: (number);
  '_validationFraction'?: "validationFraction";
}

export interface InspectionAssignment__Output {
  'datasetFolder': (string);
  'size': (number);
  'validationFraction'?: (number);
  'seed': (number);
  'untilTrained': (number);
  '_validationFraction'?: "validationFraction";
}
