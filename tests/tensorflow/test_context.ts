import assert from "assert";
import { Context } from "../../src/tensorflow/context.ts";
import type { SessionOptions } from "../../src/tensorflow/config_proto.ts";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { HostTensor } from "../../src/tensorflow/tensor.ts";
import { TensorHandle } from "../../src/tensorflow/tensor_handle.ts";
import { testLibrary } from "./test_library.ts";

/** A context of default settings, on the CPU. */
export function testContext(options: Partial<SessionOptions> = {}): Context {
  return Context.create(testLibrary().symbols, {
    threads: 0,
    precision: "float32",
    gpu: false,
    gpuMemoryGrowth: true,
    ...options,
  });
}

/** A test that fails, too, where it leaves objects of the C library behind. */
export function libraryTest(name: string, body: () => Promise<void> | void): void {
  Deno.test(name, async () => {
    const before = liveObjects();
    await body();
    assert.deepEqual(liveObjects(), before, "objects of the library were left behind");
  });
}

/** A float32 tensor of the eager runtime; the caller owns it. */
export function floats(shape: readonly number[], values: readonly number[]): TensorHandle {
  return handleOf(DataType.FLOAT, shape, Float32Array.from(values));
}

/** An int32 tensor of the eager runtime; the caller owns it. */
export function ints(shape: readonly number[], values: readonly number[]): TensorHandle {
  return handleOf(DataType.INT32, shape, Int32Array.from(values));
}

function handleOf(dataType: number, shape: readonly number[], values: ArrayBufferView) {
  const { symbols } = testLibrary();
  using tensor = HostTensor.of(symbols, dataType, shape, values);
  return TensorHandle.of(symbols, tensor);
}

/** The float32 values of a tensor. */
export function valuesOf(handle: TensorHandle): number[] {
  using tensor = handle.resolve();
  return [...new Float32Array(tensor.bytes().slice().buffer)];
}
