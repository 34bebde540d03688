import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { freePort } from "../../free_port.ts";

const run = promisify(execFile);

/** PostgreSQL's programs, those of the newest version that Debian's packages have put here. */
function findPrograms(): string | undefined {
  const root = "/usr/lib/postgresql";
  try {
    const versions = readdirSync(root).map(Number).filter(Number.isFinite).sort((a, b) => b - a);
    return versions.map((version) => join(root, `${version}`, "bin")).find((folder) => {
      return readdirSync(folder).includes("initdb");
    });
  } catch {
    return undefined;
  }
}

/** The user that PostgreSQL is run as by root, which it refuses. */
function findUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((each) => {
    return each.startsWith("postgres:");
  });
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

const programs = findPrograms();

/** Why tests with PostgreSQL are skipped here; undefined: they are not. */
export const obstacle: string | undefined = programs === undefined
  ? "no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql"
  : undefined;

/** A server of PostgreSQL for tests, of their own, on a port of this machine. */
export class TestPostgres implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #as: { uid?: number; gid?: number };
  readonly #made = new Map<string, Promise<unknown>>();

  private constructor(folder: string, port: number, as: { uid?: number; gid?: number }) {
    this.#folder = folder;
    this.port = port;
    this.#as = as;
  }

  /** @param files that are put into its folder first, by name, such as a certificate. */
  static async start(
    settings: Readonly<Record<string, string>> = {},
    files: Readonly<Record<string, string | Uint8Array>> = {},
  ): Promise<TestPostgres> {
    const as: { uid?: number; gid?: number } = findUser() ?? {};
    const folder = await mkdtemp(join(tmpdir(), "tinct-postgres-"));
    await chmod(folder, 0o700);
    if (as.uid !== undefined) await chown(folder, as.uid, as.gid ?? 0);
    const postgres = new TestPostgres(folder, await freePort(), as);
    const password = join(folder, "password");
    await postgres.#write("password", "secret-of-tests\n");
    await postgres.#run("initdb", [
      "--pgdata",
      join(folder, "data"),
      "--username=tinct",
      "--auth-local=trust",
      "--auth-host=scram-sha-256",
      `--pwfile=${password}`,
      "--encoding=UTF8",
      "--locale=C.UTF-8",
      "--no-sync",
    ]);
    for (const [name, content] of Object.entries(files)) {
      await postgres.#write(join("data", name), content);
    }
    const lines = {
      port: `${postgres.port}`,
      listen_addresses: "'127.0.0.1'",
      unix_socket_directories: `'${folder}'`,
      max_connections: "200",
      // Nothing of it outlives the tests.
      fsync: "off",
      ...settings,
    };
    const text = Object.entries(lines).map(([name, value]) => `${name} = ${value}\n`).join("");
    const file = join(folder, "data", "postgresql.conf");
    await writeFile(file, `${readFileSync(file, "utf8")}\n${text}`);
    await postgres.begin();
    return postgres;
  }

  /** Starts it, where it was ended. */
  async begin(): Promise<void> {
    const log = join(this.#folder, "log");
    await this.#control("start", "--wait", "--timeout=100", "--log", log);
  }

  /** Ends it as a crash would. */
  async crash(): Promise<void> {
    await this.#control("stop", "--mode=immediate", "--wait");
  }

  /** The connection string of a database, which is made where there is none, with its password. */
  async databaseFor(key: string): Promise<string> {
    const name = `t${createHash("sha256").update(key).digest("hex").slice(0, 20)}`;
    const made = this.#made.get(name) ?? this.query("postgres", `CREATE DATABASE ${name}`);
    this.#made.set(name, made);
    await made;
    return `postgres://tinct:secret-of-tests@127.0.0.1:${this.port}/${name}`;
  }

  /** Runs a statement, and gives its rows as text. */
  async query(database: string, sql: string): Promise<string> {
    const args = ["-X", "-A", "-t", "-h", this.#folder, "-p", `${this.port}`, "-U", "tinct"];
    const { stdout } = await run(this.#program("psql"), [...args, "-d", database, "-c", sql]);
    return stdout.trim();
  }

  /** What it wrote into its log. */
  get log(): string {
    return readFileSync(join(this.#folder, "log"), "utf8");
  }

  /** The folder of its socket. */
  get socketFolder(): string {
    return this.#folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash().catch(() => {}); // ended already
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    await writeFile(path, content, { mode: 0o600 });
    if (this.#as.uid !== undefined) await chown(path, this.#as.uid, this.#as.gid ?? 0);
  }

  #program(name: string): string {
    return join(programs ?? "", name);
  }

  async #control(...args: string[]): Promise<void> {
    await this.#run("pg_ctl", ["--silent", "--pgdata", join(this.#folder, "data"), ...args]);
  }

  async #run(name: string, args: readonly string[]): Promise<void> {
    const output = await new Deno.Command(this.#program(name), {
      args: [...args],
      cwd: "/",
      stdin: "null",
      // A pipe would be held open by the server that pg_ctl leaves behind.
      stdout: "null",
      stderr: name === "pg_ctl" ? "null" : "piped",
      ...this.#as,
    }).output();
    if (output.success) return;
    const why = name === "pg_ctl" ? "" : new TextDecoder().decode(output.stderr);
    throw new Error(`${name} ${args.join(" ")} ended with ${output.code}. ${why}`);
  }
}

/** Registers a test with PostgreSQL; without one it is there as one that is skipped, with the reason. */
export function testWithPostgres(
  name: string,
  body: (t: Deno.TestContext) => Promise<void>,
): void {
  if (obstacle === undefined) Deno.test(name, body);
  else Deno.test({ name: `${name} (${obstacle})`, ignore: true, fn: () => {} });
}

let shared: Promise<TestPostgres> | undefined;

/** The server that the tests of a file share; it ends with their process. */
export function sharedPostgres(): Promise<TestPostgres> {
  shared ??= TestPostgres.start();
  return shared;
}

Deno.test.afterAll(async () => {
  const postgres = await shared?.catch(() => undefined);
  await postgres?.[Symbol.asyncDispose]();
});
