import assert from "assert";
import { refuseUnsound } from "../../src/checkpoints/sound_numbers.ts";
import { TinctError } from "../../src/errors.ts";

const path = "model.safetensors";

function refusal(name: string, ...values: number[]): string {
  try {
    refuseUnsound(Float32Array.from(values), { name, path });
    return "";
  } catch (error) {
    assert.ok(error instanceof TinctError && error.code === "failed_precondition", `${error}`);
    return error.message;
  }
}

Deno.test("numbers that are none are refused, with the tensor, the value and its place", () => {
  assert.match(
    refusal("model.0.weight", 1, -2, NaN, Infinity),
    /^model\.safetensors: 2 of the 4 numbers of model\.0\.weight are not finite; the first is NaN, number 3\. /,
  );
  assert.match(
    refusal("a.bias", -Infinity),
    /1 of the 1 numbers of a\.bias is not finite; .* -Infinity/,
  );
  assert.match(refusal("a.running_var", NaN), /is not finite and at least 0; the first is NaN/);
});

Deno.test("variances and second moments under 0 are refused, and nothing else under 0", () => {
  for (const name of ["model.2.running_var", "exp_avg_sq.model.0.weight"]) {
    assert.match(refusal(name, 1, -0.5), /not finite and at least 0; the first is -0\.5, number 2/);
    assert.equal(refusal(name, 0, -0, 1e-38, 3e38), "");
  }
  for (const name of ["model.2.running_mean", "exp_avg.model.0.weight", "running_var.weight"]) {
    assert.equal(refusal(name, -1, 0, 1), "");
  }
  assert.equal(refusal("nothing"), "");
});
