import type { TensorSpec } from "./tensor_specs.ts";

/** The blocks of the four stages (He et al., 2016). */
const stages = { resnet18: [2, 2, 2, 2], resnet34: [3, 4, 6, 3] } as const;

/**
 * The tensors of a ResNet that sees lightness, without its last layer, in PyTorch's layouts and under the
 * names of a generator's encoder.
 *
 * @param width channels of the first stage.
 * @param prefix of the names, such as "layers.0.".
 */
export function resnetTensors(
  network: keyof typeof stages,
  width: number,
  prefix: string,
): TensorSpec[] {
  const norm = (name: string, channels: number): TensorSpec[] =>
    ["weight", "bias", "running_mean", "running_var"]
      .map((part) => ({ name: `${name}.${part}`, shape: [channels] }));
  const layer = (name: string, normName: string, shape: number[]): TensorSpec[] => [
    { name: `${name}.weight`, shape },
    ...norm(normName, shape[0]!),
  ];
  let input = width;
  return [
    ...layer(`${prefix}0`, `${prefix}1`, [width, 1, 7, 7]),
    ...stages[network].flatMap((count, stage) =>
      Array.from({ length: count }, (_, index) => {
        const at = `${prefix}${4 + stage}.${index}`;
        const output = width * 2 ** stage;
        const block = [
          ...layer(`${at}.conv1`, `${at}.bn1`, [output, input, 3, 3]),
          ...layer(`${at}.conv2`, `${at}.bn2`, [output, output, 3, 3]),
          ...(stage > 0 && index === 0
            ? layer(`${at}.downsample.0`, `${at}.downsample.1`, [output, input, 1, 1])
            : []),
        ];
        input = output;
        return block;
      }).flat()
    ),
  ];
}
