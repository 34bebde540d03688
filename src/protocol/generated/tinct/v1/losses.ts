// Made from protos/tinct/v1/metrics.proto
// by `deno task protos`. Changes here get lost.

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../google/protobuf/duration.ts';
import type { Long } from '@grpc/proto-loader';

export interface Losses {
  'step'?: (number | string | Long);
  'epoch'?: (number | string);
  'steps'?: (number);
  'lossDFake'?: (number | string);
  'lossDReal'?: (number | string);
  'lossD'?: (number | string);
  'lossGGan'?: (number | string);
  'lossGL1'?: (number | string);
  'lossG'?: (number | string);
  'lrG'?: (number | string);
  'lrD'?: (number | string);
  'imagesPerSecond'?: (number | string);
  'timeLeft'?: (_google_protobuf_Duration | null);
  'lossDGp'?: (number | string);
  'lossGColor'?: (number | string);
  'lossGHint'?: (number | string);
  'lossGPerceptual'?: (number | string);
  '_lossDFake'?: "lossDFake";
  '_lossDReal'?: "lossDReal";
  '_lossD'?: "lossD";
  '_lossGGan'?: "lossGGan";
  '_lossGL1'?: "lossGL1";
  '_lossG'?: "lossG";
  '_lossDGp'?: "lossDGp";
  '_lossGColor'?: "lossGColor";
  '_lossGHint'?: "lossGHint";
  '_lossGPerceptual'?: "lossGPerceptual";
}

export interface Losses__Output {
  'step': (number);
  'epoch': (number);
  'steps': (number);
  'lossDFake'?: (number);
  'lossDReal'?: (number);
  'lossD'?: (number);
  'lossGGan'?: (number);
  'lossGL1'?: (number);
  'lossG'?: (number);
  'lrG': (number);
  'lrD': (number);
  'imagesPerSecond': (number);
  'timeLeft': (_google_protobuf_Duration__Output | null);
  'lossDGp'?: (number);
  'lossGColor'?: (number);
  'lossGHint'?: (number);
  'lossGPerceptual'?: (number);
  '_lossDFake'?: "lossDFake";
  '_lossDReal'?: "lossDReal";
  '_lossD'?: "lossD";
  '_lossGGan'?: "lossGGan";
  '_lossGL1'?: "lossGL1";
  '_lossG'?: "lossG";
  '_lossDGp'?: "lossDGp";
  '_lossGColor'?: "lossGColor";
  '_lossGHint'?: "lossGHint";
  '_lossGPerceptual'?: "lossGPerceptual";
}
