// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

export interface PreviewPhotosRequest {
  'dataset'?: (string);
  'fileNames'?: (string)[];
  'maxSide'?: (number);
}

export interface PreviewPhotosRequest__Output {
  'dataset': (string);
  'fileNames': (string)[];
  'maxSide': (number);
}
