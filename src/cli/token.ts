import { createHash, randomBytes } from "node:crypto";
import { boolean } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import type { TokenEntry } from "../access/access_file.ts";
import { changeTokens, readTokens } from "../access/change_access_file.ts";
import { isScope, scopes } from "../access/scopes.ts";
import { shown } from "../shown.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { counted } from "../terminal/quantities.ts";
import { textTable } from "../terminal/text_table.ts";

export const command = defineCommand({
  description: [
    "Prints a new token, once. Only its SHA-256 is kept, in the file for `serve --access`, which a",
    "running server reads again when it changes. Each name has one token. To replace it, make a token",
    "with another name, and remove the old one when no client uses it any more. The server refuses a",
    "removed token within a second or two; calls that it already let in, such as a `watch`, continue.",
  ].join("\n"),
  options: {
    access: text("FILE", "the access file; a new token creates it if missing"),
    scopes: text(
      "LIST",
      `what the token allows: ${scopes.join(", ")}, separated by commas`,
      "read",
    ),
    list: boolean(false, "list the tokens: their names and scopes"),
    remove: text("NAME", "remove the token of this name"),
    ...jsonOption,
  },
  operands: {
    name: "NAME",
    min: 0,
    max: 1,
    help: "name of the new token's owner; the log shows it",
  },
  switches: [
    { by: "list", with: ["json"], without: ["scopes"] },
    { by: "remove", without: ["scopes", "json"] },
  ],
  async run({ options: { access, scopes: wanted, list, remove, json }, operands }, { signal }) {
    const [name] = operands;
    if ([list, remove !== undefined, name !== undefined].filter((each) => each).length !== 1) {
      throw wrong("Give one of NAME, --list and --remove NAME; --help says more.");
    }
    if (access === undefined) throw wrong("--access is missing: the file with the tokens.");
    if (list) return tell(await readTokens(access), json);
    const waiting = { signal, onWait: () => tellWait(access) };
    if (remove !== undefined) return await removeToken(access, remove, waiting);
    const chosen = scopesOf(wanted);
    const token = `tinct_${randomBytes(32).toString("base64url")}`;
    const sha256 = createHash("sha256").update(token).digest("hex");
    await changeTokens(access, (tokens) => {
      if (tokens.some((each) => each.name === name)) {
        throw new TinctError(
          "already_exists",
          `The token ${name} exists already: choose another name, or remove it first with --remove ${name}.`,
        );
      }
      return [...tokens, { name: name ?? "", sha256, scopes: chosen }];
    }, waiting);
    console.log(token);
  },
});

function tell(tokens: readonly TokenEntry[], json: boolean): void {
  const shown = tokens.map(({ name, scopes }) => ({ name, scopes }));
  if (json) return printJson({ tokens: shown });
  if (shown.length === 0) console.error("The file has no tokens.");
  else console.log(textTable(shown.map(({ name, scopes }) => [name, scopes.join(",")])));
}

function tellWait(access: string): void {
  console.error(`Waiting for another process that is changing a file beside ${shown(access)}.`);
}

/** Removes all of the name: older versions made several of one. */
async function removeToken(
  access: string,
  name: string,
  waiting: Parameters<typeof changeTokens>[2],
): Promise<void> {
  let removed = 0;
  await changeTokens(access, (tokens) => {
    const left = tokens.filter((each) => each.name !== name);
    removed = tokens.length - left.length;
    if (removed > 0) return left;
    throw new TinctError("not_found", `${access} has no token ${name}; --list names those it has.`);
  }, waiting);
  console.error(`Removed ${counted(removed, "token")} of the name ${name}.`);
}

function scopesOf(list: string): TokenEntry["scopes"] {
  const wanted = list.split(",").map((scope) => scope.trim());
  const unknown = wanted.find((scope) => !isScope(scope));
  if (unknown === undefined) return wanted.filter(isScope);
  throw wrong(`${JSON.stringify(unknown)} is no scope; there are ${scopes.join(", ")}.`);
}

function wrong(message: string): TinctError {
  return new TinctError("invalid_argument", message);
}
