import { readFileSync } from "node:fs";
import { messageOf, TinctError } from "../../errors.ts";

/** Where a database is and how it is reached. */
export interface DatabasePlace {
  /** A name, an address, or the folder of a UNIX socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Undefined: the system's user, as PostgreSQL's programs have it. */
  readonly user: string | undefined;
  /** Undefined: PGPASSWORD, or the file of passwords (~/.pgpass). */
  readonly password: string | undefined;
  /** False: without TLS. */
  readonly ssl: false | {
    readonly rejectUnauthorized: boolean;
    readonly ca?: string;
    readonly servername?: string;
  };
  /** How sentences and the log call it: without user, password and options. */
  readonly name: string;
}

const sslModes = ["disable", "require", "verify-full"] as const;

/** What stands for a machine's own. */
const loopback = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/;

const form = "postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full&sslrootcert=FILE";

/**
 * Reads a connection string. Its password is in no sentence.
 *
 * @throws {TinctError} invalid_argument that says which part is wrong.
 */
export function readConnectionString(text: string): DatabasePlace {
  const url = URL.parse(text);
  if (!url || !/^postgres(?:ql)?:\/\//i.test(text)) refuse(`it has the form ${form}`);
  const known = new Set(["sslmode", "sslrootcert", "host"]);
  for (const name of url.searchParams.keys()) {
    if (!known.has(name)) {
      refuse(`it may have the options ${[...known].join(", ")}, not ${JSON.stringify(name)}`);
    }
  }
  const host = url.searchParams.get("host") ?? decoded(url.hostname, "host");
  if (host === "") {
    refuse("it needs a host, or the folder of a socket as ?host=/var/run/postgresql");
  }
  const database = decoded(url.pathname.slice(1), "database");
  if (database === "" || database.includes("/")) refuse("it needs the name of one database");
  const port = Number(url.port || 5432);
  const user = url.username === "" ? undefined : decoded(url.username, "user");
  const password = url.password === "" ? undefined : decoded(url.password, "password");
  const isSocket = host.startsWith("/");
  const name = `${isSocket ? host : `${host}:${port}`}/${database}`;
  const ssl = readTls(url, host);
  // Sockets want an address of IPv6 without its brackets.
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port, database, user, password, ssl, name };
}

function decoded(part: string, what: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return refuse(`a % in its ${what} is written as %25`);
  }
}

function readTls(url: URL, host: string): DatabasePlace["ssl"] {
  const isNear = host.startsWith("/") || loopback.test(host);
  const given = url.searchParams.get("sslmode");
  const mode = given ?? (isNear ? "disable" : "verify-full");
  if (!sslModes.some((each) => each === mode)) {
    refuse(`its sslmode is one of ${sslModes.join(", ")}, not ${JSON.stringify(mode)}`);
  }
  const file = url.searchParams.get("sslrootcert");
  if (mode === "disable") {
    if (file !== null) refuse("its sslrootcert needs sslmode=verify-full");
    return false;
  }
  if (mode === "require") {
    if (file !== null) refuse("its sslrootcert needs sslmode=verify-full");
    return { rejectUnauthorized: false };
  }
  return {
    rejectUnauthorized: true,
    ...(file !== null && { ca: readAuthorities(file) }),
    ...(!host.startsWith("/") && !/^(?:[\d.]+|\[.*\])$/.test(host) && { servername: host }),
  };
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new TinctError(
      "invalid_argument",
      `The certificate authorities of --store cannot be read from ${file} (${messageOf(cause)}).`,
      { cause },
    );
  }
}

function refuse(description: string): never {
  throw new TinctError("invalid_argument", `--store is no connection string: ${description}.`, {
    violations: [{ field: "store", description: `is no connection string: ${description}` }],
  });
}
