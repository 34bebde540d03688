import assert from "assert";
import { configProto } from "../../src/tensorflow/config_proto.ts";

// Derived by hand from tensorflow/core/protobuf/config.proto and rewriter_config.proto:
// intra_op_parallelism_threads is field 2 (tag 0x10), inter_op_parallelism_threads 5 (0x28),
// gpu_options 6 (0x32) with allow_growth 4 (0x20), device_count 1 (0x0a): a map entry of key 1 (0x0a)
// and value 2 (0x10); graph_options 10 (0x52), in it rewrite_options 10 (0x52), in it layout_optimizer 1
// (0x08), memory_optimization 4 (0x20), loop_optimization 9 (0x48), implementation_selector 22 (0xb0 0x01),
// auto_mixed_precision_onednn_bfloat16 31 (0xf8 0x01) and disable_tfg_optimizer 32 (0x80 0x02).

Deno.test("configProto() carries threads, GPU memory growth and precision as TensorFlow reads them", () => {
  const threads = [0x10, 3, 0x28, 3];
  const growth = [0x32, 2, 0x20, 1];
  const noGpu = [0x0a, 7, 0x0a, 3, 0x47, 0x50, 0x55, 0x10, 0]; // device_count["GPU"] = 0
  const [layoutOff, memoryOff, loopsOff] = [[0x08, 2], [0x20, 1], [0x48, 2]] as const;
  const [implementationsOff, bfloat16, tfgOff] = [[0xb0, 0x01, 2], [0xf8, 0x01, 1], [
    0x80,
    0x02,
    1,
  ]];
  const rewriting = (...fields: (readonly number[] | undefined)[]) => {
    const body = fields.flatMap((field) => field ?? []);
    return [0x52, body.length + 2, 0x52, body.length, ...body];
  };
  const always = rewriting(loopsOff, implementationsOff, tfgOff);
  const options = { threads: 3, precision: "float32", gpu: true, gpuMemoryGrowth: true } as const;
  assert.deepEqual([...configProto(options)], [...threads, ...growth, ...always]);
  assert.deepEqual(
    [...configProto({ ...options, gpu: false })],
    [
      ...[...threads, ...growth, ...noGpu],
      ...rewriting(layoutOff, memoryOff, loopsOff, implementationsOff, tfgOff),
    ],
  );
  assert.deepEqual(
    [...configProto({ ...options, precision: "bfloat16" })],
    [...threads, ...growth, ...rewriting(loopsOff, implementationsOff, bfloat16, tfgOff)],
  );
  assert.deepEqual(
    [...configProto({ ...options, threads: 0, gpuMemoryGrowth: false })],
    [0x10, 0, 0x28, 0, 0x32, 2, 0x20, 0, ...always],
  );
});

Deno.test("configProto() refuses a number of threads that is none", () => {
  const options = { precision: "float32", gpu: false, gpuMemoryGrowth: true } as const;
  for (const threads of [-1, 0.5, NaN]) {
    assert.throws(() => configProto({ ...options, threads }), { name: "RangeError" });
  }
});
