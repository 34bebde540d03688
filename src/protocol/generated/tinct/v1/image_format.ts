// Made from protos/tinct/v1/image_format.proto
// by `deno task protos`. Changes here get lost.

export const ImageFormat = {
  IMAGE_FORMAT_UNSPECIFIED: 'IMAGE_FORMAT_UNSPECIFIED',
  IMAGE_FORMAT_JPEG: 'IMAGE_FORMAT_JPEG',
  IMAGE_FORMAT_PNG: 'IMAGE_FORMAT_PNG',
  IMAGE_FORMAT_WEBP: 'IMAGE_FORMAT_WEBP',
  IMAGE_FORMAT_TIFF: 'IMAGE_FORMAT_TIFF',
  IMAGE_FORMAT_AVIF: 'IMAGE_FORMAT_AVIF',
} as const;

export type ImageFormat =
  | 'IMAGE_FORMAT_UNSPECIFIED'
  | 0
  | 'IMAGE_FORMAT_JPEG'
  | 1
  | 'IMAGE_FORMAT_PNG'
  | 2
  | 'IMAGE_FORMAT_WEBP'
  | 3
  | 'IMAGE_FORMAT_TIFF'
  | 4
  | 'IMAGE_FORMAT_AVIF'
  | 5

export type ImageFormat__Output = typeof ImageFormat[keyof typeof ImageFormat]
