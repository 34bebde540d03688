import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { freePort } from "../../free_port.ts";
import { until } from "../../in_time.ts";

const program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));

/** Why tests with PgBouncer are skipped here; undefined: they are not. */
export const poolerObstacle: string | undefined = program === undefined
  ? "no pgbouncer: apt-get install pgbouncer"
  : undefined;

/** PgBouncer in transaction mode before a server of PostgreSQL. */
export class TestPooler implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: TemporaryFolder;

  private constructor(child: ChildProcess, port: number, folder: TemporaryFolder) {
    this.#child = child;
    this.port = port;
    this.#folder = folder;
  }

  static async start(postgresPort: number): Promise<TestPooler> {
    const folder = await TemporaryFolder.create();
    await chmod(folder.path, 0o755);
    const port = await freePort();
    const lines = [
      "[databases]",
      `* = host=127.0.0.1 port=${postgresPort}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = plain",
      `auth_file = ${folder.join("users")}`,
      "pool_mode = transaction",
      "default_pool_size = 3",
    ];
    await writeFile(folder.join("pgbouncer.ini"), `${lines.join("\n")}\n`, { mode: 0o644 });
    await writeFile(folder.join("users"), '"tinct" "secret-of-tests"\n', { mode: 0o644 });
    // It refuses to be root.
    const as = process.getuid?.() === 0 ? ["--user=nobody"] : [];
    const child = spawn(program ?? "", [...as, "--quiet", folder.join("pgbouncer.ini")], {
      stdio: "ignore",
    });
    const pooler = new TestPooler(child, port, folder);
    await until(() => accepts(port), "PgBouncer listens");
    return pooler;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
    await this.#folder[Symbol.asyncDispose]();
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
