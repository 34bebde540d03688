import assert from "assert";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "../cli/run_tinct.ts";

const pem = (name: string) => fileURLToPath(new URL(`../testdata/tls/${name}`, import.meta.url));

/** Flags of a server that speaks TLS and wants a token, and of the example clients that have one. */
export interface Guards {
  readonly server: readonly string[];
  readonly client: readonly string[];
}

/** Makes a token with `tinct token`. */
export async function makeGuards(folder: TemporaryFolder): Promise<Guards> {
  const [access, tokenFile] = [folder.join("access.json"), folder.join("token")];
  const made = await runTinct(["token", "example", "--access", access, "--scopes", "admin"]);
  assert.equal(made.code, 0, made.stderr);
  await writeFile(tokenFile, made.stdout);
  return {
    server: ["--tls-cert", pem("server.crt"), "--tls-key", pem("server.key"), "--access", access],
    client: ["--ca", pem("authority.crt"), "--token-file", tokenFile],
  };
}
