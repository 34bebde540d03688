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
  },
  switches: [{ by: "list", without: ["from", "cache", "python"] }],
  async run({ options }, context) {
    const startedMs = performance.now();
    const variant = options.gpu ? "gpu" : "cpu";
    if (options.list) {
      for (const wheel of wheelsFor(platformOf(process.platform, process.arch), variant)) {
        console.log(`python3 -m pip download ${pipArguments(wheel).join(" ")}`);
      }
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
    console.log(
      library.source === "explicit"
        ? `TINCT_TENSORFLOW names ${library.folder}, which holds TensorFlow ${version}; nothing was ` +
          "fetched. Unset it to use the cache."
        : `TensorFlow ${version} (${variantName(library.variant)}) ` +
          `${library.fetched ? "is now" : "is already"} in ${
            describeInstall(library, cacheFolder)
          }` +
          (library.fetched ? ` It took ${seconds.toFixed(1)} s.` : ""),
    );
  },
});

function describeInstall(library: LocatedLibrary, cacheFolder: string): string {
  const platform = platformOf(process.platform, process.arch);
  const folder = installFolder(cacheFolder, library.variant ?? "cpu", platform);
  const files = readInstallRecord(folder)?.files ?? [];
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return `${resolve(folder)}: ${counted(files.length, "file")}, ${
    formatBytes(sizeBytes)
  }, each with its ` +
    "SHA-256 checked when it was unpacked; it loads.";
}
