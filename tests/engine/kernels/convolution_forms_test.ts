import assert from "assert";
import {
  type ConvolutionForm,
  convolutionForm,
  type ConvolutionPlace,
} from "../../../src/engine/kernels/convolution_forms.ts";

/** Side and channels of the input, channels of the result, kernel, stride, padding, batch. */
type Layer = readonly [number, number, number, number, number, number, number?];

type Forms = readonly [
  forward: ConvolutionForm,
  byInput: ConvolutionForm,
  byFilter: ConvolutionForm,
];

const anywhereFloat32: ConvolutionPlace[] = [
  { device: "cpu", precision: "float32" },
  { device: "cpu", precision: "tf32" },
  { device: "gpu", precision: "float32" },
  { device: "gpu", precision: "tf32" },
  { device: "gpu", precision: "bfloat16" },
];

/** What is chosen in float32 and on GPUs, and in bfloat16 on a CPU. */
const cases: Readonly<Record<string, readonly [Layer, float32: Forms, bfloat16: Forms]>> = {
  "a halving of L": [
    [256, 1, 64, 4, 2, 1],
    ["explicit", "explicit", "same"],
    ["explicit", "same", "same"],
  ],
  "a narrow halving": [
    [128, 64, 128, 4, 2, 1],
    ["explicit", "same", "same"],
    ["explicit", "same", "same"],
  ],
  "a wide halving": [
    [64, 128, 256, 4, 2, 1],
    ["explicit", "same", "explicit"],
    ["explicit", "same", "same"],
  ],
  "a deep halving": [
    [16, 512, 512, 4, 2, 1],
    ["product", "product", "product"],
    ["product", "product", "product"],
  ],
  "a deep halving of many pictures": [
    [16, 512, 512, 4, 2, 1, 8],
    ["explicit", "same", "explicit"],
    ["explicit", "same", "same"],
  ],
  "how the PatchGAN ends": [
    [32, 256, 512, 4, 1, 1],
    ["explicit", "padded", "explicit"],
    ["explicit", "padded", "padded"],
  ],
  "3x3 that keeps the sides": [
    [64, 256, 256, 3, 1, 1],
    ["explicit", "same", "same"],
    ["explicit", "same", "same"],
  ],
  "3x3 with stride 2": [
    [64, 64, 128, 3, 2, 1],
    ["explicit", "explicit", "explicit"],
    ["explicit", "padded", "padded"],
  ],
  "7x7 with stride 2 of L": [
    [256, 1, 64, 7, 2, 3],
    ["explicit", "explicit", "explicit"],
    ["explicit", "padded", "padded"],
  ],
};

for (const [name, [layer, float32, bfloat16]] of Object.entries(cases)) {
  Deno.test(`a convolution is computed in the form that is fastest: ${name}`, () => {
    const [side, input, output, kernel, stride, padding, batch = 1] = layer;
    const geometry = {
      stride,
      padding: [padding, padding, padding, padding],
      inputShape: [batch, side, side, input],
      filterShape: [kernel, kernel, input, output],
    } as const;
    const chosen = (place: ConvolutionPlace) =>
      (["forward", "byInput", "byFilter"] as const)
        .map((operation) => convolutionForm(operation, geometry, place));
    for (const place of anywhereFloat32) {
      assert.deepEqual(chosen(place), float32, JSON.stringify(place));
    }
    assert.deepEqual(chosen({ device: "cpu", precision: "bfloat16" }), bfloat16);
  });
}
