import { homedir } from "node:os";
import { join } from "node:path";
import assert from "assert";
import { type Environment, readEnvironment, replicaVariables } from "../../src/config.ts";

const cases: Record<string, [variables: Record<string, string>, expected: Partial<Environment>]> = {
  "nothing set": [{ HOME: join("home", "ada") }, {
    tensorflowFolder: undefined,
    cacheFolder: join("home", "ada", ".cache", "tinct"),
    debug: false,
    noColor: false,
  }],
  "no home folder": [{}, { cacheFolder: join(homedir(), ".cache", "tinct") }],
  "a cache of the user's": [{ HOME: "home", XDG_CACHE_HOME: "cached" }, {
    cacheFolder: join("cached", "tinct"),
  }],
  "a cache of Tinct's": [{ XDG_CACHE_HOME: "cached", TINCT_CACHE: "mine" }, {
    cacheFolder: "mine",
  }],
  "a library": [{ TINCT_TENSORFLOW: "lib" }, { tensorflowFolder: "lib" }],
  "empty values, which count as unset": [
    {
      HOME: "home",
      XDG_CACHE_HOME: "",
      TINCT_CACHE: "",
      TINCT_TENSORFLOW: "",
      TINCT_DEBUG: "",
      NO_COLOR: "",
    },
    {
      tensorflowFolder: undefined,
      cacheFolder: join("home", ".cache", "tinct"),
      debug: false,
      noColor: false,
    },
  ],
  "switches": [{ TINCT_DEBUG: "1", NO_COLOR: "1" }, { debug: true, noColor: true }],
  "a switch that is off": [{ TINCT_DEBUG: "0" }, { debug: false }],
  "no colour, whatever its value": [{ NO_COLOR: "0" }, { noColor: true }],
};

for (const [name, [variables, expected]] of Object.entries(cases)) {
  Deno.test(`readEnvironment() with ${name}`, () => {
    const environment: Readonly<Record<string, unknown>> = { ...readEnvironment(variables) };
    for (const [key, value] of Object.entries(expected)) assert.equal(environment[key], value, key);
  });
}

Deno.test("readEnvironment() reads the variables of the process unless given others", () => {
  const { tensorflowFolder } = readEnvironment();
  assert.equal(tensorflowFolder, Deno.env.get("TINCT_TENSORFLOW") || undefined);
});

Deno.test("replicaVariables() shows each replica one of the GPUs that are visible", () => {
  const gpus = (variables: Record<string, string>) =>
    [0, 1, 2].map((gpu) => replicaVariables(gpu, variables).CUDA_VISIBLE_DEVICES);
  assert.deepEqual(gpus({}), ["0", "1", "2"]);
  assert.deepEqual(gpus({ CUDA_VISIBLE_DEVICES: "5, 7" }), ["5", "7", "-1"]); // one too few: none
  assert.deepEqual(replicaVariables(undefined, { CUDA_VISIBLE_DEVICES: "5,7", TF_X: "y" }), {
    CUDA_VISIBLE_DEVICES: "5,7",
    TF_CPP_MIN_LOG_LEVEL: "3",
    TF_X: "y",
  });
});
