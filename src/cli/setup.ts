import { performance } from "node:perf_hooks";
import { resolve } from "node:path";
import process from "node:process";
import { boolean } from "../config/option.ts";
import { pipArguments, wheelsFor } from "../tensorflow/fetch_wheels.ts";
import { readInstallRecord } from "../tensorflow/install_record.ts";
import { installFolder, type LocatedLibrary, platformOf } from "../tensorflow/library.ts";
import { loadTensorFlow } from "../tensorflow/load_library.ts";
import { loadQuietly } from "../tensorflow/quiet_load.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { provideLibrary, variantName } from "../installation/provide_library.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { counted, formatBytes } from "../terminal/quantities.ts";

export const command = defineCommand({
  description: [
    "The library comes from the official TensorFlow wheels. pip downloads them, with your own indexes,",
    "proxies and certificates. Before it unpacks a wheel, Tinct compares it with the SHA-256 in its",
    "source. If TINCT_TENSORFLOW is set, nothing is downloaded: that library is checked instead.",
    "",
    "For a machine without a network: --list prints the commands that download the wheels elsewhere.",
    "Bring the wheels here, and give their folder with --from.",
  ].join("\n"),
  options: {
    gpu: boolean(
      false,
      "download the CUDA build with NVIDIA's libraries (3.3 GB, unpacked 5.3 GB)",
    ),
    from: text("PATH", "use this wheel, or this folder of wheels, instead of downloading"),
    list: boolean(false, "print the commands that download the wheels, and download nothing"),
    cache: text("DIR", "the cache folder for the library, instead of TINCT_CACHE"),
    python: text("PROGRAM", "the Python whose pip downloads, instead of python3 on the PATH"),
    ...jsonOption,
  },
  switches: [{ by: "list", without: ["from", "cache", "python"] }],
  async run({ options }, context) {
    const startedMs = performance.now();
    const variant = options.gpu ? "gpu" : "cpu";
    if (options.list) {
      const wheels = wheelsFor(platformOf(process.platform, process.arch), variant);
      const commands = wheels.map((each) =>
        `python3 -m pip download ${pipArguments(each).join(" ")}`
      );
      if (options.json) printJson({ commands });
      else for (const each of commands) console.log(each);
      return;
    }
    const cacheFolder = options.cache ?? context.environment.cacheFolder;
    const library = await provideLibrary(context, {
      variant,
      cacheFolder,
      from: options.from,
      python: options.python,
    });
    const { version } = loadQuietly(library.ccPath, () => loadTensorFlow(library.ccPath), {
      log: context.debug,
    });
    const seconds = (performance.now() - startedMs) / 1000;
    const unpacked = library.source === "cache" ? unpackedFiles(library, cacheFolder) : undefined;
    if (options.json) {
      const { ccPath, frameworkPath, folder, variant: found, source, fetched } = library;
      const facts = { folder, ccPath, frameworkPath, version, variant: found, source, fetched };
      return printJson({ ...facts, ...unpacked, seconds });
    }
    console.log(
      unpacked === undefined
        ? `TINCT_TENSORFLOW names ${library.folder}, which holds TensorFlow ${version}; nothing was ` +
          "fetched. Unset it to use the cache."
        : `TensorFlow ${version} (${variantName(library.variant)}) ` +
          `${library.fetched ? "is now" : "is already"} in ${folderOf(library, cacheFolder)}: ` +
          `${counted(unpacked.files, "file")}, ${formatBytes(unpacked.sizeBytes)}, each with its ` +
          "SHA-256 checked when it was unpacked; it loads." +
          (library.fetched ? ` It took ${seconds.toFixed(1)} s.` : ""),
    );
  },
});

function folderOf({ variant }: LocatedLibrary, cacheFolder: string): string {
  const platform = platformOf(process.platform, process.arch);
  return resolve(installFolder(cacheFolder, variant ?? "cpu", platform));
}

/** What the install record of a library in the cache says. */
function unpackedFiles(library: LocatedLibrary, cacheFolder: string) {
  const files = readInstallRecord(folderOf(library, cacheFolder))?.files ?? [];
  return { files: files.length, sizeBytes: files.reduce((sum, each) => sum + each.sizeBytes, 0) };
}
