import assert from "assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import type { Option } from "../../src/config/option.ts";
import { parseTrainingConfig, trainingOptions } from "../../src/config/training.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import {
  choiceName,
  configMessage,
  configViolations,
  fieldName,
  givenOptions,
} from "../../src/protocol/training_options.ts";
import { TinctError } from "../../src/errors.ts";

const folder = fileURLToPath(new URL("../../protos/", import.meta.url));
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => join(folder, target);
root.loadSync("tinct/v1/training_config.proto", { keepCase: true, alternateCommentMode: true });
const message = root.lookupType("tinct.v1.TrainingConfig");
const options: readonly (readonly [string, Option])[] = Object.entries(trainingOptions);

const scalarTypes = { integer: "int32", number: "double", boolean: "bool" } as const;

/** What the proto says above an option's field. */
function commentOf(name: string, option: Option): string {
  const help = option.help.charAt(0).toUpperCase() + option.help.slice(1);
  if (option.kind === "choice") return `${help}. Default: ${choiceName(name, option.default)}.`;
  if (option.kind === "boolean") return `${help}. Default: ${option.default}.`;
  const unit = option.unit === "" ? "" : ` ${option.unit}`;
  return `${help}. From ${option.min} to ${option.max}${unit}. Default: ${option.default}.`;
}

Deno.test("TrainingConfig has a field for each option, and no others", () => {
  assert.deepEqual(
    message.fieldsArray.map(({ name }) => name).sort(),
    options.map(([name]) => fieldName(name)).sort(),
  );
});

for (const [name, option] of options) {
  Deno.test(`TrainingConfig.${fieldName(name)} mirrors the option`, () => {
    const field = message.fields[fieldName(name)];
    assert(field !== undefined, "the field is missing");
    assert.equal(field.options?.["proto3_optional"], true, "defaults live in the options alone");
    assert.equal(field.comment?.replace(/\s+/g, " "), commentOf(name, option));
    if (option.kind !== "choice") {
      assert.equal(field.type, scalarTypes[option.kind]);
      if (option.kind === "integer") assert(option.max < 2 ** 31, "int32 cannot hold the range");
      return;
    }
    const values = Object.entries(message.lookupEnum(field.type).values);
    assert.deepEqual(
      values.slice(1).map(([value]) => value),
      option.choices.map((choice) => choiceName(name, choice)),
    );
    assert.match(values[0]?.[0] ?? "", /_UNSPECIFIED$/);
  });
}

/** What the other side gets out of a message. */
function sent(config: TrainingConfig) {
  const { requestSerialize, requestDeserialize } = loadPublicContract()
    .service("tinct.v1.ColorizationService").Train;
  return requestDeserialize(requestSerialize({ config })).config;
}

/** A value of every option that differs from its default. */
function otherValue(option: Option): string | number | boolean {
  switch (option.kind) {
    case "boolean":
      return !option.default;
    case "choice":
      return option.choices.at(-1) ?? "";
    default:
      return option.default === option.max ? option.min : option.max;
  }
}

Deno.test("every option survives the way through a message", () => {
  const values = Object.fromEntries(options.map(([name, option]) => [name, otherValue(option)]));
  assert.deepEqual(givenOptions(sent(configMessage(values))), values);
});

Deno.test("every choice survives the way through a message", () => {
  for (const [name, option] of options) {
    if (option.kind !== "choice") continue;
    for (const choice of option.choices) {
      assert.deepEqual(givenOptions(sent(configMessage({ [name]: choice }))), { [name]: choice });
    }
  }
});

Deno.test("only what was given comes out of a message, zeros included", () => {
  assert.deepEqual(givenOptions(sent({})), {});
  assert.deepEqual(givenOptions(null), {});
  assert.deepEqual(givenOptions(sent({ seed: 0, flip: false, lambdaL1: 0 })), {
    seed: 0,
    flip: false,
    lambdaL1: 0,
  });
  assert.deepEqual(givenOptions(sent({ ganMode: "GAN_MODE_UNSPECIFIED", epochs: 3 })), {
    epochs: 3,
  });
});

Deno.test("an enum value of a later version is refused by name, not taken for the default", () => {
  const values = givenOptions(sent({ ganMode: 99 as never, batchSize: -1, lrG: NaN }));
  assert.deepEqual(values, { ganMode: 99, batchSize: -1, lrG: NaN });
  assert.throws(() => parseTrainingConfig(values), (error) => {
    assert(error instanceof TinctError);
    assert.deepEqual(configViolations(error.violations), [
      { field: "config.batch_size", description: "must be from 1 to 1024 photos, not -1" },
      {
        field: "config.gan_mode",
        description: "must be one of vanilla, lsgan, wgangp, hinge, not 99",
      },
      { field: "config.lr_g", description: "must be a number from 0 to 1, not NaN" },
    ]);
    return true;
  });
});

Deno.test("choiceName() refuses an option that the protos have no enum for", () => {
  assert.throws(() => choiceName("optimizer", "adam"), TypeError);
});
