import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import { join } from "node:path";
import { readOptions } from "../config/option.ts";
import { trainingOptions } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import { removeFolderAtomically, writeFileAtomically } from "../files/atomic_write.ts";
import { weightsFolder } from "../files/data_folder.ts";
import { syncFolder } from "../files/durable_file.ts";
import { uploadError } from "../files/file_errors.ts";
import { JsonFields } from "../files/json_fields.ts";
import { ensureFolder } from "../files/make_folder.ts";
import { type JsonValue, parseStrictJson } from "../files/strict_json.ts";
import {
  type GeneratorShape,
  inspectWeights,
  type WeightsFacts,
  weightsNetworks,
} from "./inspect_weights.ts";

/** What is known of a file that is complete. */
export interface ReadyWeights extends WeightsFacts {
  /** In hexadecimal digits. */
  readonly sha256: string;
  readonly createdAtMs: number;
}

/** A file of weights, or what has arrived of it. */
export interface WeightsFile {
  readonly name: string;
  /** Bytes that are there. */
  readonly sizeBytes: number;
  /** Undefined while it arrives, and where it is damaged. */
  readonly ready: ReadyWeights | undefined;
  /** Whether it is complete, and what is known of it is damaged or gone; only `findForList` finds such. */
  readonly isDamaged?: true;
}

const UNFINISHED = "unfinished";
const WHOLE = "weights.safetensors";
const FACTS = "facts.json";

/**
 * The files of weights of a server, each in a folder of its name: `unfinished` while it arrives, then
 * `weights.safetensors` beside `facts.json`, in whatever format it came. What is known of them lies there alone.
 */
export class WeightsFiles {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder where it is missing. */
  static async open(dataFolder: string): Promise<WeightsFiles> {
    const folder = weightsFolder(dataFolder);
    await ensureFolder(folder);
    return new WeightsFiles(folder);
  }

  /** The names of all that are there, sorted. */
  async names(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => !name.startsWith(".")).sort();
  }

  /**
   * What is known of a file.
   *
   * @returns undefined where there is none of this name.
   * @throws {TinctError} data_loss where what is known of it is damaged or gone.
   */
  async find(name: string): Promise<WeightsFile | undefined> {
    const whole = await sizeOf(this.path(name));
    if (whole !== undefined) {
      return { name, sizeBytes: whole, ready: await this.#facts(name) };
    }
    const sizeBytes = await sizeOf(this.#unfinished(name));
    return sizeBytes === undefined ? undefined : { name, sizeBytes, ready: undefined };
  }

  /** As `find`, for a list, which one that is damaged does not end. */
  async findForList(name: string): Promise<WeightsFile | undefined> {
    try {
      return await this.find(name);
    } catch (error) {
      if (!(error instanceof TinctError) || error.code !== "data_loss") throw error;
      const sizeBytes = await sizeOf(this.path(name)); // it may have been deleted meanwhile
      return sizeBytes === undefined
        ? undefined
        : { name, sizeBytes, ready: undefined, isDamaged: true };
    }
  }

  /** @throws {TinctError} not_found; data_loss as `find`. */
  async get(name: string): Promise<WeightsFile> {
    const found = await this.find(name);
    if (found !== undefined) return found;
    throw noWeights(name);
  }

  /**
   * Finds a name, whatever is wrong with the file or with what is known of it.
   *
   * @throws {TinctError} not_found.
   */
  async require(name: string): Promise<void> {
    if (!(await this.names()).includes(name)) throw noWeights(name);
  }

  /** Where a complete file lies. */
  path(name: string): string {
    return join(this.#folder, name, WHOLE);
  }

  /**
   * Begins a file, or goes on with it; the caller disposes of what it gets.
   *
   * @param offset what has arrived, or 0 to begin anew.
   */
  async receive(name: string, offset: number): Promise<ArrivingWeights> {
    const folder = join(this.#folder, name);
    try {
      if (await mkdir(folder, { recursive: true }) !== undefined) await syncFolder(this.#folder);
      return new ArrivingWeights(
        await open(this.#unfinished(name), offset === 0 ? "w" : "a"),
        offset,
      );
    } catch (error) {
      throw uploadError(error);
    }
  }

  /**
   * Checks a file that has arrived whole, and keeps it.
   *
   * @param sha256 what it is to have, in hexadecimal digits.
   * @param mayChange called before what is there is changed: throws where another may change it by now.
   * @throws {TinctError} data_loss where it has another; what `inspectWeights` throws. Then nothing of it is left.
   */
  async keep(
    name: string,
    sha256: string,
    { mayChange, signal }: { readonly mayChange: () => void; readonly signal: AbortSignal },
  ): Promise<WeightsFile> {
    const path = this.#unfinished(name);
    try {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(path, { signal })) hash.update(chunk);
      if (hash.digest("hex") !== sha256) {
        throw new TinctError("data_loss", `${path} does not have its SHA-256; send it again.`);
      }
      const facts = await inspectWeights(path, signal);
      const ready = { ...facts, sha256, createdAtMs: Date.now() };
      mayChange(); // looking may have taken long
      const told = { ...ready, seesColor: facts.seesColor ? 1 : 0 };
      await writeFileAtomically(join(this.#folder, name, FACTS), JSON.stringify(told));
      // With this name it is complete.
      await rename(path, this.path(name));
      await syncFolder(join(this.#folder, name));
      return { name, sizeBytes: await sizeOf(this.path(name)) ?? 0, ready };
    } catch (error) {
      signal.throwIfAborted(); // what has arrived is not to blame
      mayChange(); // nor is what another has sent meanwhile
      if (error instanceof TinctError && error.code !== "resource_exhausted") {
        await rm(join(this.#folder, name), { recursive: true, force: true });
      }
      throw error;
    }
  }

  /**
   * Removes a file, or what has arrived of it.
   *
   * @param mayChange called before: throws where another may change it by now.
   * @throws {TinctError} not_found.
   */
  async delete(name: string, mayChange: () => void): Promise<void> {
    await this.require(name);
    mayChange();
    await removeFolderAtomically(join(this.#folder, name));
  }

  #unfinished(name: string): string {
    return join(this.#folder, name, UNFINISHED);
  }

  async #facts(name: string): Promise<ReadyWeights> {
    const path = join(this.#folder, name, FACTS);
    const fields = new JsonFields(await readFacts(path), path);
    const network = weightsNetworks.find((each) => each === fields.string("network"));
    if (network === undefined) throw new TinctError("data_loss", `${path} names no network.`);
    return {
      network,
      width: fields.number("width"),
      seesColor: fields.number("seesColor") === 1,
      sha256: fields.string("sha256"),
      createdAtMs: fields.number("createdAtMs"),
      ...(fields.has("generator") && { generator: shapeIn(fields.object("generator"), path) }),
    };
  }
}

/** A file that is arriving. What has arrived stays, whatever ends it. */
export class ArrivingWeights implements AsyncDisposable {
  readonly #handle: FileHandle;
  #sizeBytes: number;

  /** For `WeightsFiles.receive`. */
  constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle;
    this.#sizeBytes = sizeBytes;
  }

  /** How much there is. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends bytes. @throws {TinctError} resource_exhausted when the disk is full. */
  async write(data: Uint8Array): Promise<void> {
    try {
      await this.#handle.writeFile(data);
    } catch (error) {
      throw uploadError(error);
    }
    this.#sizeBytes += data.byteLength;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
  }
}

async function readFacts(path: string): Promise<JsonValue> {
  try {
    return parseStrictJson(await readFile(path, "utf8"), { maxDepth: 2 });
  } catch (cause) {
    throw new TinctError(
      "data_loss",
      `What is known of ${path} is damaged or gone; delete the weights and send them again.`,
      { cause },
    );
  }
}

function shapeIn({ value }: JsonFields, path: string): GeneratorShape {
  const { values, violations: [wrong] } = readOptions(trainingOptions, value);
  if (wrong !== undefined) {
    throw new TinctError("data_loss", `${path}: ${wrong.field} ${wrong.description}.`);
  }
  const { generator, ngf, nDown, hints, decoderNorm, leakySlope, batchNormEpsilon } = values;
  return {
    ...{ generator, ngf, nDown, hints, decoderNorm },
    ...("leakySlope" in value && { leakySlope }),
    ...("batchNormEpsilon" in value && { batchNormEpsilon }),
  };
}

function noWeights(name: string): TinctError {
  return new TinctError(
    "not_found",
    `There are no weights ${name}; see the list of weights.`,
  );
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
