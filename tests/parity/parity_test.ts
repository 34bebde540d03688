import { cp, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import assert from "assert";
import { openSafetensors } from "../../src/checkpoints/safetensors.ts";
import { TinctError } from "../../src/errors.ts";
import { isWithin, replayParity } from "../../src/training/parity.ts";
import { engineTest } from "../engine/test_engine.ts";
import { fixtureConfig, fixtureNames } from "../model/fixture.ts";

const fixtures = fileURLToPath(new URL("../testdata/parity/", import.meta.url));

for (const name of fixtureNames()) {
  engineTest(`the PyTorch run ${name} is repeated, quantity by quantity`, async (engine) => {
    const results = await replayParity(engine, join(fixtures, name));
    assert.deepEqual(results.filter((result) => !isWithin(result)), []);
    const quantities = results.map(({ quantity }) => quantity);
    // Every kind has been compared: losses, pictures, gradients, statistics, weights, evaluation.
    for (
      const quantity of ["loss_D_fake", "loss_G", "fake", "patch_real", "eval_fake", "weights_D"]
    ) {
      assert.ok(quantities.includes(quantity), quantity);
    }
    const config = fixtureConfig(name);
    const { ganMode, lambdaColor, lambdaPerceptual, normD, generator, freezeEncoderSteps } = config;
    assert.equal(quantities.includes("loss_D_GP"), ganMode === "wgangp");
    assert.equal(quantities.includes("loss_G_color"), lambdaColor > 0);
    assert.equal(quantities.includes("loss_G_perceptual"), lambdaPerceptual > 0);
    const weight = normD === "spectral" ? "weight_orig" : "weight";
    assert.ok(quantities.includes(`grad_D.model.0.0.${weight}`));
    assert.equal(quantities.includes("model.0.0.weight_u"), normD === "spectral");
    if (generator === "unet") {
      assert.ok(quantities.includes("grad_G.model.model.0.weight"));
      assert.ok(quantities.includes("model.model.1.model.2.running_var"));
      return;
    }
    if (generator === "ddcolor-tiny") {
      assert.ok(quantities.includes("grad_G.encoder.arch.stages.2.8.dwconv.weight"));
      assert.ok(quantities.includes("grad_G.decoder.color_decoder.query_embed.weight"));
      assert.ok(quantities.includes("decoder.layers.2.conv.0.weight_v"));
      return;
    }
    const isSpectral = config.decoderNorm === "spectral";
    const weightG = isSpectral ? "weight_orig" : "weight";
    assert.ok(quantities.includes(`grad_G.layers.12.0.${weightG}`));
    assert.equal(quantities.includes("layers.12.0.weight_v"), isSpectral);
    assert.ok(quantities.includes("layers.0.7.1.bn2.running_var"));
    // Of an encoder that is frozen in the first step neither has a gradient.
    assert.equal(quantities.includes("grad_G.layers.0.0.weight"), freezeEncoderSteps === 0);
  });
}

engineTest("a run that began from one other weight is not repeated", async (engine) => {
  const folder = await mkdtemp(join(tmpdir(), "tinct-parity-"));
  try {
    await cp(join(fixtures, "vanilla_xavier"), folder, { recursive: true });
    await changeFirstNumber(join(folder, "generator_init.safetensors"));
    const failed = (await replayParity(engine, folder)).filter((result) => !isWithin(result));
    const quantities = failed.map(({ quantity }) => quantity);
    assert.ok(quantities.includes("fake"), `${quantities}`);
    assert.ok(quantities.includes("grad_G.model.model.0.weight"), `${quantities}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

engineTest("a folder that is no fixture is refused by its name", async (engine) => {
  const folder = join(fixtures, "missing");
  await assert.rejects(
    replayParity(engine, folder),
    (error) =>
      error instanceof TinctError && error.code === "not_found" &&
      error.message.startsWith(join(folder, "expected.json")),
  );
});

/** Adds 1 to the first number of the first convolution, in place. */
async function changeFirstNumber(path: string): Promise<void> {
  let value: number;
  {
    await using file = await openSafetensors(path);
    value = new Float32Array((await file.read("model.model.0.weight")).buffer)[0]! + 1;
  }
  await using file = await open(path, "r+");
  const bytes = new DataView((await file.readFile()).buffer);
  const headerBytes = Number(bytes.getBigUint64(0, true));
  const header: Record<string, { data_offsets: [number, number] }> = JSON.parse(
    new TextDecoder().decode(new Uint8Array(bytes.buffer, 8, headerBytes)),
  );
  const at = 8 + headerBytes + header["model.model.0.weight"]!.data_offsets[0];
  await file.write(new Uint8Array(new Float32Array([value]).buffer), 0, 4, at);
}
