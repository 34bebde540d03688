import { normalize } from "node:path";
import { dataThingAt } from "../files/data_folder.ts";
import { trainingOptions } from "../config/training.ts";
import { fieldName } from "../protocol/training_options.ts";

/** What ends a path in a sentence. */
const rest = String.raw`[^\s"'\`,;:()]*`;

/** Options as code calls them, where the protos call them otherwise. */
const options = Object.keys(trainingOptions).filter((name) => fieldName(name) !== name);
const optionPattern = new RegExp(String.raw`(?<![\w."])(?:${options.join("|")})(?!\w|\.\w)`, "g");

/**
 * Puts sentences of other parts of the program into words that mean something to a client: what lies in
 * the data folder is called by the ids that clients know, and options by the names of the protos.
 */
export class ClientWords {
  readonly #places: RegExp;

  /** @param dataFolder absolute. */
  constructor(dataFolder: string) {
    const within = RegExp.escape(normalize(dataFolder).replace(/\/$/, ""));
    this.#places = new RegExp(`([.!?] )?${within}(?:/(${rest}))?`, "g");
  }

  /** A sentence as clients read it. */
  of(sentence: string): string {
    return sentence
      .replace(this.#places, (_found, before = "", path = "", at = 0) => {
        // A full stop ends the sentence, not the path.
        const end = /[.…]*$/.exec(path)?.[0] ?? "";
        const thing = thingAt(path.slice(0, path.length - end.length));
        const isFirst = at === 0 || before !== "";
        return `${before}${isFirst ? capital(thing) : thing}${end}`;
      })
      .replace(optionPattern, fieldName);
  }
}

/** What lies at a path in the data folder. */
function thingAt(path: string): string {
  const found = dataThingAt(path);
  if (found === undefined) return "the server's data folder";
  const { kind, name, inner } = found;
  if (kind !== "run") return `the ${kind} ${name}`;
  const step = /^checkpoints\/step-0*(\d+)/.exec(inner)?.[1];
  if (step !== undefined) return `the checkpoint of step ${step} of job ${name}`;
  return `the folder of job ${name}`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
