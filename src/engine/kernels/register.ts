import { registerActivations } from "./activations.ts";
import { registerBatchNorm } from "./batch_norm.ts";
import { registerBfloat16 } from "./bfloat16.ts";
import { registerBias } from "./bias.ts";
import { registerBlur } from "./blur.ts";
import { registerBytes } from "./bytes.ts";
import { registerConvolutions } from "./convolution.ts";
import { registerDepthwise } from "./depthwise.ts";
import { registerGelu } from "./gelu.ts";
import { registerInstanceNorm } from "./instance_norm.ts";
import { registerExactProduct } from "./exact_product.ts";
import { registerLayerNorm } from "./layer_norm.ts";
import { registerNorms } from "./norms.ts";
import { registerPixelShuffle } from "./pixel_shuffle.ts";
import { registerPooling } from "./pooling.ts";
import { registerRandom } from "./random.ts";
import { registerResample } from "./resample.ts";
import { registerSpectralWeight } from "./spectral_weight.ts";

let registered = false;

/** Registers the kernels and gradients that tfjs lacks, once for the process. */
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  registerActivations();
  registerBatchNorm();
  registerBfloat16();
  registerBias();
  registerBlur();
  registerBytes();
  registerConvolutions();
  registerDepthwise();
  registerGelu();
  registerInstanceNorm();
  registerExactProduct();
  registerLayerNorm();
  registerNorms();
  registerPixelShuffle();
  registerPooling();
  registerRandom();
  registerResample();
  registerSpectralWeight();
}
