import { fileURLToPath } from "node:url";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { uploadImport } from "../client/upload_import.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import { OpenFile } from "../files/open_file.ts";
import { readText } from "../files/read_text.ts";
import { askForProfile } from "../imported/choose_profile.ts";
import { examineNetwork } from "../imported/examine_network.ts";
import { filesOf, writeImported } from "../imported/imported_files.ts";
import { engineOptions, requireDevice, startEngine } from "../installation/engine_options.ts";
import { type CatalogEntry, MAX_CATALOG_BYTES, readCatalog } from "../profiles/catalog.ts";
import { profileNames } from "../profiles/color_profile.ts";
import type { NetworkFacts } from "../profiles/imported_folder.ts";
import { MAX_PROFILE_LENGTH } from "../profiles/read_profile.ts";
import { flagName, text } from "../terminal/arguments.ts";
import { type CommandContext, defineCommand } from "../terminal/command.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { showUpload } from "../terminal/show_upload.ts";
import { counted } from "../words.ts";

const here = Object.keys(engineOptions);

export const command = defineCommand({
  description: [
    "Makes a model of a network that another program trained: an .onnx file of DDColor, DeOldify, Zhang's",
    "networks or your own. With --name it becomes the next version of a model of a server. With --out it",
    "becomes a folder, which `colorize` and `evaluate` take as a model. Files of constants beside the",
    "network come along. The profile says what the network takes and gives; without it, it is guessed.",
  ].join("\n"),
  options: {
    ...serverOptions,
    name: text("NAME", "the model's name on the server"),
    out: text("DIR", "make a folder of it here, without a server"),
    profile: text(
      `${profileNames.join("|")}|FILE.json`,
      "what the network takes and gives (default: guessed)",
    ),
    catalog: text("FILE", "a catalog of networks that are recognized by their SHA-256"),
    description: text("TEXT", "a description for people", ""),
    ...jsonOption,
    ...engineOptions,
  },
  switches: [{
    by: "out",
    with: here,
    without: ["name", "description", ...Object.keys(serverOptions)],
  }],
  check: (given) => targetViolations(given),
  operands: { name: "FILE", min: 1, max: 1, help: "the network, an .onnx file" },
  async run({ options, operands: [path = ""] }, context) {
    const { name = "", out, profile, json } = options;
    if (name === "" && out === undefined) {
      throw new TinctError(
        "invalid_argument",
        "--name is missing: the model's name, or --out DIR.",
      );
    }
    requireDevice(context, options);
    const paths = await filesOf(path);
    const known = await recognize(path, options.catalog, context.signal);
    if (known) console.error(`${path} is ${known.name}; license: ${known.license}.`);
    const said = profile === undefined
      ? known?.profile ?? ""
      : profile.endsWith(".json")
      ? await readText(profile, MAX_PROFILE_LENGTH)
      : profile;
    if (out !== undefined) {
      const facts = await importHere(context, { path, paths, out, said, options })
        .catch(profileCalledHere);
      if (json) printJson({ folder: out, ...facts });
      else console.log(`${out}: ${factsWords(facts)}`);
      return 0;
    }
    using client = new ServiceClient(options, context.environment);
    const answer = await showUpload((onProgress) =>
      uploadImport(client, {
        name,
        description: options.description || (known ? `${known.name} (${known.license})` : ""),
        profile: said,
        paths,
        signal: context.signal,
        onProgress,
      })
    ).catch(profileCalledHere);
    const { model } = answer;
    if (json) printJson(client.json("ImportModelResponse", answer));
    else if (model) {
      console.log(`${model.name} version ${model.version}: ${importedWords(model.imported)}`);
    }
    return 0;
  },
});

/** A refusal's word for the profile as the option that says it; other errors as they are. */
function profileCalledHere(error: unknown): never {
  if (!(error instanceof TinctError)) throw error;
  const { code, message, violations } = error;
  const here = message.replace(askForProfile("profile"), askForProfile(flagName("profile")));
  throw here === message ? error : new TinctError(code, here, { violations, cause: error });
}

/** An imported network in a few words, such as "ddcolor, 512 x 512 pixels". */
export function importedWords(
  imported: { readonly profileName: string; readonly size: number } | null,
): string {
  if (imported === null) return "";
  const { profileName, size } = imported;
  return `${profileName || "a profile of its own"}, ${size} x ${size} pixels`;
}

function factsWords({ profileName, profile, parameters, sizeMultiple }: NetworkFacts): string {
  const sizes = sizeMultiple > 1 ? ` (sides may be multiples of ${sizeMultiple})` : "";
  return `${importedWords({ profileName: profileName ?? "", size: profile.size })}${sizes}, ` +
    counted(parameters, "parameter");
}

async function importHere(
  context: CommandContext,
  { path, paths, out, said, options }: {
    readonly path: string;
    readonly paths: readonly [string, ...string[]];
    readonly out: string;
    readonly said: string;
    readonly options: Parameters<typeof startEngine>[1];
  },
) {
  const { signal } = context;
  const { files: _files, ...facts } = await writeImported(out, paths, async () => {
    using engine = await startEngine(context, options, "float32");
    return await examineNetwork(engine, path, { said, signal });
  }, { signal });
  return facts;
}

/** Finds a network in the program's catalog and a person's own, by its size and then its hash. */
async function recognize(
  path: string,
  own: string | undefined,
  signal: AbortSignal,
): Promise<CatalogEntry | undefined> {
  const program = fileURLToPath(new URL("../../models/catalog.json", import.meta.url));
  const entries: CatalogEntry[] = [];
  for (const catalog of [program, own]) {
    if (catalog === undefined) continue;
    entries.push(...readCatalog(await readText(catalog, MAX_CATALOG_BYTES), catalog));
  }
  await using file = await OpenFile.open(path);
  const sized = entries.filter(({ sizeBytes }) => sizeBytes === file.sizeBytes);
  if (sized.length === 0) return undefined;
  const { sha256 } = await file.digest({ signal });
  return sized.findLast((each) => each.sha256 === sha256);
}

function targetViolations(
  { profile }: Readonly<Record<string, unknown>>,
): FieldViolation[] {
  const names: readonly unknown[] = profileNames;
  if (profile === undefined || names.includes(profile) || `${profile}`.endsWith(".json")) return [];
  const description = `must be ${profileNames.join(", ")} or a .json file, not ${profile}`;
  return [{ field: "profile", description }];
}
