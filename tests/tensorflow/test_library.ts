import process from "node:process";
import { readEnvironment } from "../../src/config.ts";
import { locateLibrary, platformOf } from "../../src/tensorflow/library.ts";
import { loadTensorFlow, type TensorFlow } from "../../src/tensorflow/load_library.ts";
import { loadQuietly } from "../../src/tensorflow/quiet_load.ts";

/**
 * The library that the program would load. Where there is none, this throws what the program would
 * say, so that tests fail with what to do instead of being skipped.
 */
export function libraryPath(): string {
  const { tensorflowFolder: explicit, cacheFolder } = readEnvironment();
  const platform = platformOf(process.platform, process.arch);
  return locateLibrary({ explicit, cacheFolder, platform }).ccPath;
}

let loaded: TensorFlow | undefined;

/** The library, loaded once for the tests of a file. */
export function testLibrary(): TensorFlow {
  return loaded ??= loadQuietly(libraryPath(), () => loadTensorFlow(libraryPath()));
}
