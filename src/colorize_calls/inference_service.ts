import { join } from "node:path";
import { Violations } from "../calls/fields.ts";
import { bidi, type ServiceMethods, unary } from "../calls/methods.ts";
import { TinctError } from "../errors.ts";
import type { ModelVersion } from "../jobs/model.ts";
import type { _inference_ModelMetadataResponse_TensorMetadata as TensorMetadata } from "../protocol/generated/inference/model_metadata_response.ts";
import { version as programVersion } from "../version.ts";
import type { ColorizeContext } from "./context.ts";
import { inferOnce, inferStream } from "./inference.ts";
import {
  readInference,
  type ReadingRules,
  refuseParameters,
  versionOf,
} from "./inference_settings.ts";
import { tensorKinds } from "./inference_tensors.ts";

/** The name of the server, and of what its models run on. */
const PLATFORM = "tinct";

/** The most versions of a model that are told, or let go. */
const MAX_VERSIONS = 100;

/** What there may be of a repository's parameters: no model depends on another. */
const unloading = ["unload_dependents"];

/**
 * The calls of inference.GRPCInferenceService, the Open Inference Protocol, version 2.
 *
 * @param isServing whether the server takes requests, as health has it.
 */
export function inferenceMethods(
  context: ColorizeContext,
  isServing: () => boolean,
): ServiceMethods<"inference.GRPCInferenceService"> {
  const { store, colorizing, dataFolder, settings, status } = context;
  const rules: ReadingRules = {
    requests: status.requests,
    maxPhotoMib: settings.maxPhotoMib,
  };
  const folderOf = ({ path }: ModelVersion) => join(dataFolder, path);
  const findVersion = async (name: string, version: string) => {
    const violations = new Violations();
    const number = versionOf(version, "version", violations);
    violations.refuse();
    return await store.models.get(name, number === 0 ? undefined : number);
  };
  const refuseUnknown = (parameters: object, known: readonly string[]) => {
    const violations = new Violations();
    refuseParameters(parameters, "parameters", violations, known);
    violations.refuse();
  };
  return {
    ServerLive: unary(() => Promise.resolve({ live: true })),

    ServerReady: unary(() => Promise.resolve({ ready: isServing() })),

    ServerMetadata: unary(() =>
      Promise.resolve({
        name: PLATFORM,
        version: programVersion,
        extensions: ["model_repository"],
      })
    ),

    ModelReady: unary(async ({ name, version }) => {
      try {
        await findVersion(name, version);
        return { ready: isServing() };
      } catch (error) {
        if (error instanceof TinctError && error.code === "not_found") return { ready: false };
        throw error;
      }
    }, ({ version }, violations) => void versionOf(version, "version", violations)),

    ModelMetadata: unary(async ({ name, version }) => {
      const model = await findVersion(name, version);
      const versions = version === "" ? await versionsOf(context, model) : [model];
      return {
        name,
        versions: versions.map((each) => `${each.version}`).toReversed(),
        platform: PLATFORM,
        inputs: tensors("input"),
        outputs: tensors("output"),
      };
    }, ({ version }, violations) => void versionOf(version, "version", violations)),

    ModelInfer: unary(
      (request, scope) => inferOnce(context, rules, request, scope),
      (request, violations) => {
        try {
          readInference(request, rules, violations);
        } catch (error) {
          if (!(error instanceof TinctError)) throw error; // what is wrong was noted
        }
      },
    ),

    ModelStreamInfer: bidi((requests, scope) => inferStream(context, rules, requests, scope)),

    RepositoryIndex: unary(async () => {
      const models: ModelVersion[] = [];
      for (let pageToken = "";;) {
        const page = await store.models.list({ pageSize: 1000, pageToken });
        models.push(...page.models);
        pageToken = page.nextPageToken;
        if (pageToken === "") break;
      }
      return {
        models: models.map((model) => ({
          name: model.name,
          version: `${model.version}`,
          state: "READY",
          reason: colorizing.isLoaded(folderOf(model)) ? "in memory" : "loaded by the next request",
        })),
      };
    }),

    RepositoryModelLoad: unary(async ({ modelName, parameters }) => {
      refuseUnknown(parameters, []);
      const model = await store.models.get(modelName);
      (await colorizing.preload(folderOf(model)))[Symbol.dispose]();
      return {};
    }, ({ parameters }, violations) => refuseParameters(parameters, "parameters", violations)),

    RepositoryModelUnload: unary(
      async ({ modelName, parameters }) => {
        refuseUnknown(parameters, unloading);
        const newest = await store.models.get(modelName);
        for (const model of await versionsOf(context, newest)) colorizing.unload(folderOf(model));
        return {};
      },
      ({ parameters }, violations) =>
        refuseParameters(parameters, "parameters", violations, unloading),
    ),
  };
}

/** The versions of a model, the newest first: they count on from the first that is there. */
async function versionsOf(
  { store }: ColorizeContext,
  newest: ModelVersion,
): Promise<ModelVersion[]> {
  const versions = [newest];
  try {
    for (let before = newest.version - 1; before > 0; before--) {
      if (versions.length === MAX_VERSIONS) break;
      versions.push(await store.models.get(newest.name, before));
    }
  } catch (error) {
    if (!(error instanceof TinctError) || error.code !== "not_found") throw error;
  }
  return versions;
}

function tensors(side: "input" | "output"): TensorMetadata[] {
  return Object.values(tensorKinds).map((kind) => ({
    name: kind[side],
    datatype: kind.datatype,
    shape: [...kind.shape],
  }));
}
