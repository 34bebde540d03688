import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { freePort } from "../free_port.ts";
import { until } from "../in_time.ts";

/** The nginx of this machine, as Debian's package puts it; undefined where there is none. */
export const nginxPath: string | undefined = [
  ...(process.env["PATH"] ?? "").split(":"),
  "/usr/sbin",
]
  .map((folder) => `${folder}/nginx`).find((path) => existsSync(path));

/** nginx before a door, with the settings that docs/operating.md asks for and a limit of silence. */
export class Nginx implements AsyncDisposable {
  readonly url: string;
  readonly #owner: AsyncDisposableStack;

  private constructor(url: string, owner: AsyncDisposableStack) {
    this.url = url;
    this.#owner = owner;
  }

  /** @param idleSeconds after which it cuts an answer that says nothing. */
  static async open(path: string, to: string, idleSeconds: number): Promise<Nginx> {
    await using owner = new AsyncDisposableStack();
    const folder = owner.use(await TemporaryFolder.create());
    const port = await freePort();
    await mkdir(folder.join("logs"));
    const file = folder.join("nginx.conf");
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${folder.join(name)};`).join("\n");
    await writeFile(
      file,
      `daemon off;
master_process off;
pid ${folder.join("nginx.pid")};
error_log ${folder.join("logs", "error.log")};
events {}
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${to};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      client_max_body_size 16m;
      proxy_read_timeout ${idleSeconds}s;
    }
  }
}
`,
    );
    const child = spawn(path, [
      "-p",
      folder.path,
      "-e",
      folder.join("logs", "error.log"),
      "-c",
      file,
    ], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    owner.defer(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    });
    await until(() => answers(port), "nginx listens");
    return new Nginx(`http://127.0.0.1:${port}`, owner.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owner[Symbol.asyncDispose]();
  }
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
  const isThere = await promise;
  socket.destroy();
  return isThere;
}
