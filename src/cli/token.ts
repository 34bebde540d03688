import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, readFile } from "node:fs/promises";
import { writeFileAtomically } from "../checkpoints/atomic_write.ts";
import { TinctError } from "../errors.ts";
import { parseAccessFile, type TokenEntry } from "../server/access/access_file.ts";
import { isScope, scopes } from "../server/access/scopes.ts";
import { text } from "./arguments.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  description: [
    "Prints the token, once: only its SHA-256 is kept, in the file for `serve --access`, which a",
    "running server reads anew. A name that is there already gets a second token, so that clients can",
    "change over; take the old entry out of the file by hand.",
  ].join("\n"),
  options: {
    access: text("FILE", "the access file to add it to; made if need be"),
    scopes: text("LIST", `what it allows, of ${scopes.join(", ")}, with commas between`, "read"),
  },
  operands: { name: "NAME", min: 1, max: 1, help: "who it is for; the log names it" },
  async run({ options: { access, scopes: list }, operands: [name = ""] }) {
    if (access === undefined) {
      throw new TinctError("invalid_argument", "--access is missing: the file to add it to.");
    }
    const wanted = list.split(",").map((scope) => scope.trim());
    const wrong = wanted.find((scope) => !isScope(scope));
    if (wrong !== undefined) {
      throw new TinctError(
        "invalid_argument",
        `${JSON.stringify(wrong)} is no scope; there are ${scopes.join(", ")}.`,
      );
    }
    const token = `tinct_${randomBytes(32).toString("base64url")}`;
    const entry: TokenEntry = {
      name,
      sha256: createHash("sha256").update(token).digest("hex"),
      scopes: wanted.filter(isScope),
    };
    const before = existsSync(access) ? await readFile(access, "utf8") : "{}";
    parseAccessFile(before, access); // nothing is added to what no server would read
    const file: { tokens?: unknown[] } = JSON.parse(before);
    const after = JSON.stringify({ ...file, tokens: [...file.tokens ?? [], entry] }, null, 2);
    parseAccessFile(after, access);
    await writeFileAtomically(access, `${after}\n`);
    await chmod(access, 0o600);
    console.log(token);
  },
});
