import type { Operation } from "../operation_call.ts";
import { arithmetic } from "./arithmetic.ts";
import { convolutions } from "./convolutions.ts";
import { norms } from "./norms.ts";
import { pools } from "./pools.ts";
import { shapes } from "./shapes.ts";

/**
 * The operations of ONNX (https://onnx.ai/onnx/operators) that the networks of colorizers and of FID
 * are made of, each by TensorFlow operations that trace.
 */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ...convolutions, ...pools, ...arithmetic, ...norms, ...shapes }),
);
