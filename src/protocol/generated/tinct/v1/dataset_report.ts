// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

import type { PhotoProblem as _tinct_v1_PhotoProblem, PhotoProblem__Output as _tinct_v1_PhotoProblem__Output } from '../../tinct/v1/photo_problem.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';
import type { SideCount as _tinct_v1_SideCount, SideCount__Output as _tinct_v1_SideCount__Output } from '../../tinct/v1/side_count.ts';
import type { DuplicateGroup as _tinct_v1_DuplicateGroup, DuplicateGroup__Output as _tinct_v1_DuplicateGroup__Output } from '../../tinct/v1/duplicate_group.ts';
import type { Long } from '@grpc/proto-loader';

export interface DatasetReport {
  'photos'?: (number | string | Long);
  'usablePhotos'?: (number | string | Long);
  'grayPhotos'?: (number | string | Long);
  'brokenPhotos'?: (number | string | Long);
  'sizeBytes'?: (number | string | Long);
  'minSide'?: (number);
  'maxSide'?: (number);
  'problems'?: (_tinct_v1_PhotoProblem)[];
  'scanTime'?: (_google_protobuf_Timestamp | null);
  'sides'?: (_tinct_v1_SideCount)[];
  'smallPhotos'?: (number | string | Long);
  'smallSide'?: (number);
  'duplicatePhotos'?: (number | string | Long);
  'duplicates'?: (_tinct_v1_DuplicateGroup)[];
  'leakedPhotos'?: (number | string | Long);
  'trainingPhotos'?: (number | string | Long);
  'otherFormats'?: ({[key: string]: number | string | Long});
  '_leakedPhotos'?: "leakedPhotos";
  '_trainingPhotos'?: "trainingPhotos";
}

export interface DatasetReport__Output {
  'photos': (number);
  'usablePhotos': (number);
  'grayPhotos': (number);
  'brokenPhotos': (number);
  'sizeBytes': (number);
  'minSide': (number);
  'maxSide': (number);
  'problems': (_tinct_v1_PhotoProblem__Output)[];
  'scanTime': (_google_protobuf_Timestamp__Output | null);
  'sides': (_tinct_v1_SideCount__Output)[];
  'smallPhotos': (number);
  'smallSide': (number);
  'duplicatePhotos': (number);
  'duplicates': (_tinct_v1_DuplicateGroup__Output)[];
  'leakedPhotos'?: (number);
  'trainingPhotos'?: (number);
  'otherFormats': ({[key: string]: number});
  '_leakedPhotos'?: "leakedPhotos";
  '_trainingPhotos'?: "trainingPhotos";
}
