import { Buffer } from "node:buffer";
import type { ModelInferRequest } from "../../src/protocol/generated/inference/model_infer_request.ts";

/** Two pixels, which `StoreColorizing` gives back as they are. */
export const pixels = Buffer.from([1, 2, 3, 4, 5, 6]);

/** A file as an element of BYTES. */
export const lengthBefore = (file: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(file.length);
  return Buffer.concat([length, file]);
};

/** Requests that are refused, the field that the refusal names, and what it says. */
export const refusals: readonly (readonly [Partial<ModelInferRequest>, string, RegExp])[] = [
  [{ modelVersion: "new" }, "model_version", /empty or a whole number from 1, not "new"/],
  [{ inputs: [] }, "inputs", /one entry, "image" or "encoded_image", not 0/],
  [
    { inputs: [{ name: "input", datatype: "UINT8", shape: [1, 1, 2, 3] }] },
    "inputs[0].name",
    /must be "image" or "encoded_image", not "input"/,
  ],
  [
    { inputs: [{ name: "image", datatype: "FP32", shape: [1, 1, 2, 3] }] },
    "inputs[0].datatype",
    /must be UINT8 of image, not "FP32"/,
  ],
  [
    { inputs: [{ name: "image", datatype: "UINT8", shape: [1, 3, 1, 2] }] },
    "inputs[0].shape",
    /must be \[N, height, width, 3\] of image, N from 1 to 64, not \[1, 3, 1, 2\]/,
  ],
  [
    { inputs: [{ name: "image", datatype: "UINT8", shape: [65, 1, 2, 3] }] },
    "inputs[0].shape",
    /N from 1 to 64/,
  ],
  [
    {
      inputs: [{
        ...{ name: "image", datatype: "UINT8", shape: [1, 1, 2, 3] },
        parameters: { binary_data_size: { int64Param: 7 } },
      }],
    },
    "inputs[0].parameters.binary_data_size",
    /must be 6, the bytes of raw_input_contents\[0\], not 7/,
  ],
  [{ rawInputContents: [] }, "raw_input_contents", /1 entry for 1 input, not 0/],
  [{ rawInputContents: [pixels, pixels] }, "raw_input_contents", /not 2/],
  [
    { rawInputContents: [pixels.subarray(1)] },
    "raw_input_contents[0]",
    /must have 6 bytes by its shape, not 5/,
  ],
  [
    {
      inputs: [{
        name: "image",
        datatype: "UINT8",
        shape: [1, 1, 2, 3],
        contents: { uintContents: [1, 2, 3, 4, 5, 256] },
      }],
      rawInputContents: [],
    },
    "inputs[0].contents.uint_contents[5]",
    /from 0 to 255, not 256/,
  ],
  [
    {
      inputs: [{
        name: "image",
        datatype: "UINT8",
        shape: [1, 1, 2, 3],
        contents: { fp32Contents: [1] },
      }],
    },
    "inputs[0].contents.fp32_contents",
    /must be empty/,
  ],
  [
    {
      inputs: [{ name: "encoded_image", datatype: "BYTES", shape: [2] }],
      rawInputContents: [Buffer.concat([lengthBefore(pixels), Buffer.from([9, 0, 0, 0, 1])])],
    },
    "raw_input_contents[0]",
    /2 elements by its shape, each after its length in 4 bytes, and has others/,
  ],
  [
    {
      inputs: [{ name: "encoded_image", datatype: "BYTES", shape: [1] }],
      rawInputContents: [lengthBefore(Buffer.alloc(0))],
    },
    "raw_input_contents[0]",
    /a photo, number 1, that must not be empty/,
  ],
  [{ outputs: [{ name: "logits" }] }, "outputs[0].name", /"colorized" or "encoded_colorized"/],
  [{ outputs: [{ name: "colorized" }, { name: "encoded_colorized" }] }, "outputs", /one entry/],
  [
    { outputs: [{ name: "colorized", parameters: { classification: { int64Param: 1 } } }] },
    "outputs[0].parameters",
    /has the unknown "classification"; no parameter is known here/,
  ],
  [
    { parameters: { sequence_id: { int64Param: 1 }, saturation: { doubleParam: 1 } } },
    "parameters",
    /has the unknown "sequence_id"; known: saturation, max_side, quality, format/,
  ],
  [
    { parameters: { saturation: { doubleParam: 9 } } },
    "parameters.saturation",
    /from 0 to 4, not 9/,
  ],
  [{ parameters: { saturation: { doubleParam: NaN } } }, "parameters.saturation", /finite/],
  [{ parameters: { saturation: { stringParam: "1" } } }, "parameters.saturation", /a number/],
  [{ parameters: { max_side: { doubleParam: 99.5 } } }, "parameters.max_side", /a whole number/],
  [{ parameters: { refine: { int64Param: 1 } } }, "parameters.refine", /true or false/],
  [{ parameters: { quality: { int64Param: 80 } } }, "parameters.quality", /not apply to colorized/],
  [
    {
      outputs: [{ name: "encoded_colorized" }],
      parameters: { format: { stringParam: "bmp" } },
    },
    "parameters.format",
    /one of jpeg, png, webp, tiff, avif/,
  ],
  [
    { outputs: [{ name: "encoded_colorized" }], parameters: { quality: { int64Param: 80 } } },
    "parameters.quality",
    /does not apply to IMAGE_FORMAT_PNG/,
  ],
  [{ parameters: { saturation: {} } }, "parameters.saturation", /needs bool_param or/],
];
