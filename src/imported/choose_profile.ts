import { TinctError } from "../errors.ts";
import {
  type ColorProfile,
  isProfileName,
  namedProfiles,
  type ProfileName,
  profileNames,
} from "../profiles/color_profile.ts";
import { readProfile, type WishedProfile } from "../profiles/read_profile.ts";

/** What can be told of a network before it is computed. */
export interface NetworkShape {
  /** Names the file in errors. */
  readonly path: string;
  /** Channels of each input; undefined where the file does not say. */
  readonly inputs: readonly (number | undefined)[];
  /** The operations that are computed for each photo. */
  readonly operations: ReadonlySet<string>;
}

/** A profile, and where it is from. */
export interface ChosenProfile {
  readonly profile: WishedProfile;
  readonly name: ProfileName | undefined;
  readonly isGuess: boolean;
}

/**
 * The profile that a person names.
 *
 * @param said a name of `profileNames` or a profile's JSON; "": none is named.
 * @throws {TinctError} invalid_argument, see `readProfile`.
 */
export function profileSaid(said: string): ChosenProfile | undefined {
  if (said === "") return undefined;
  if (isProfileName(said)) return { profile: sizeless(said), name: said, isGuess: false };
  if (!said.trimStart().startsWith("{")) {
    refuse(`There is no profile ${JSON.stringify(said.slice(0, 60))}: ${alternatives}.`);
  }
  return { profile: readProfile(said), name: undefined, isGuess: false };
}

/**
 * Guesses by what a network takes and gives which profile it has.
 *
 * @param outputChannels of the first output.
 * @throws {TinctError} invalid_argument where several would fit, or none.
 */
export function guessProfile(
  { path, inputs, operations }: NetworkShape,
  outputChannels: number,
): ChosenProfile {
  const takes = inputs.map((channels) => channels ?? "?").join(" + ");
  const known: Readonly<Record<string, ProfileName>> = {
    "3>2": "ddcolor",
    "3>3": "deoldify",
    "1 + 2 + 1>2": "siggraph17",
    // The mean of a distribution over colours. Others of this shape are generators of all kinds.
    ...(operations.has("Softmax") && { "1>2": "eccv16" }),
  };
  const name = known[`${takes}>${outputChannels}`];
  if (name !== undefined) return { profile: sizeless(name), name, isGuess: true };
  return refuse(
    `${path} takes ${takes} channels and gives ${outputChannels}, by which its profile cannot be told: ` +
      `${alternatives}.`,
  );
}

/** @throws {TinctError} invalid_argument where a network's inputs are not those of a profile. */
export function requireInputs(
  { path, inputs }: NetworkShape,
  { input, hints }: Pick<ColorProfile, "input" | "hints">,
): void {
  const wanted = [input.channels, ...(hints ? [2, 1] : [])];
  const fits = inputs.length === wanted.length &&
    inputs.every((channels, index) => channels === undefined || channels === wanted[index]);
  if (fits) return;
  refuse(
    `${path} takes ${
      inputs.map((channels) => channels ?? "?").join(" + ")
    } channels, and its profile ` +
      `says ${wanted.join(" + ")}: ${alternatives}.`,
  );
}

/** How a refusal asks for the field `profile`, which has another name on the command line. */
export const askForProfile = (name: string) => `say by ${name} which of`;

const alternatives =
  `${askForProfile("profile")} ${profileNames.join(", ")} it is, or give a profile of your own ` +
  "(docs/models.md)";

/** @throws {TinctError} invalid_argument, about the profile. */
export function refuse(message: string): never {
  throw new TinctError("invalid_argument", message, {
    violations: [{ field: "profile", description: `does not fit: ${message.replace(/\.$/, "")}` }],
  });
}

/** A network of fixed size says its own, so the usual one is no claim. */
function sizeless(name: ProfileName): WishedProfile {
  return { ...namedProfiles[name], size: undefined };
}
