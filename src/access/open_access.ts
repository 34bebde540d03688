import { createPrivateKey, X509Certificate } from "node:crypto";
import { messageOf, TinctError } from "../errors.ts";
import type { TlsFiles } from "../protocol/tls_server.ts";
import type { Log } from "../log/log.ts";
import { AccessControl } from "./access_control.ts";
import { parseAccessFile } from "./access_file.ts";
import { WatchedFiles } from "./watched_files.ts";

/** What guards a server: paths of files. */
export interface AccessOptions {
  /** PEM files of the server's certificate (its chain) and key; both or none. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** PEM file of the authorities that clients' certificates come from; clients then need one. */
  readonly tlsClientCa?: string | undefined;
  /** Who may call, see `parseAccessFile`; undefined: everyone who reaches the server. */
  readonly access?: string | undefined;
  /** Listen beyond this machine without TLS. */
  readonly insecure?: boolean | undefined;
}

/** The guards of a server. Disposing of them stops watching their files. */
export interface Access extends Disposable {
  /** Undefined: everyone who reaches the server may do everything. */
  readonly control: AccessControl | undefined;
  /** The newest certificates; undefined: no TLS. */
  readonly tls: TlsSource | undefined;
}

/** Certificates that may change. */
export interface TlsSource {
  readonly current: TlsFiles;
  /** Told of newer ones. */
  readonly changed: Set<(files: TlsFiles) => void>;
}

/**
 * Reads the guards' files, and again when they change.
 *
 * @param address that is going to be listened on.
 * @throws {TinctError} invalid_argument for files that do not fit, or an address that reaches beyond
 *   this machine without TLS; not_found.
 */
export async function openAccess(
  options: AccessOptions,
  address: string,
  log: Log,
): Promise<Access> {
  const { tlsCert, tlsKey, tlsClientCa, access, insecure = false } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new TinctError("invalid_argument", "TLS needs a certificate and its key: give both.");
  }
  if (tlsClientCa !== undefined && tlsCert === undefined) {
    throw new TinctError(
      "invalid_argument",
      "Client certificates need TLS: give the server's certificate and key as well.",
    );
  }
  requirePrivacy(address, { isSecure: tlsCert !== undefined, insecure });
  const onError = (message: string, cause: unknown) =>
    log.write({ level: "error", message, fields: {}, cause });
  using owner = new DisposableStack();
  let tls: { current: TlsFiles; changed: TlsSource["changed"] } | undefined;
  if (tlsCert !== undefined && tlsKey !== undefined) {
    const paths = [tlsCert, tlsKey, ...(tlsClientCa === undefined ? [] : [tlsClientCa])];
    owner.use(
      await WatchedFiles.open(paths, ([cert, key, clientCa]) => {
        const files = checkTls({ cert: cert!, key: key!, clientCa }, paths);
        if (tls === undefined) tls = { current: files, changed: new Set() };
        else {
          tls.current = files;
          for (const tell of tls.changed) tell(files);
          log.write({ level: "info", message: "The certificates were read again.", fields: {} });
        }
      }, onError),
    );
  }
  let control: AccessControl | undefined;
  if (access !== undefined) {
    owner.use(
      await WatchedFiles.open([access], ([text]) => {
        const list = parseAccessFile(text!.toString("utf8"), access);
        if (control === undefined) control = new AccessControl(list);
        else {
          control.replace(list);
          log.write({ level: "info", message: "The access list was read again.", fields: {} });
        }
      }, onError),
    );
  }
  const owned = owner.move();
  return { control, tls, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/** Refuses files that no server can be made of. */
function checkTls(files: TlsFiles, paths: readonly string[]): TlsFiles {
  try {
    const key = createPrivateKey(files.key);
    if (!new X509Certificate(files.cert).checkPrivateKey(key)) {
      throw new Error("the key does not belong to the certificate");
    }
    if (files.clientCa !== undefined) new X509Certificate(files.clientCa);
    return files;
  } catch (cause) {
    throw new TinctError(
      "invalid_argument",
      `${paths.join(", ")} are not a certificate with its key (${
        messageOf(cause)
      }); give PEM files.`,
      { cause },
    );
  }
}

/**
 * Refuses an address in the clear that other machines reach, unless that is wanted.
 *
 * @throws {TinctError} invalid_argument.
 */
export function requirePrivacy(
  address: string,
  { isSecure, insecure }: { readonly isSecure: boolean; readonly insecure: boolean },
): void {
  if (isSecure || insecure || isLocal(address)) return;
  throw new TinctError(
    "invalid_argument",
    `Other machines can reach ${address}, and without TLS everybody on the way can read and ` +
      "forge what is sent: give --tls-cert and --tls-key, or --insecure.",
  );
}

/** Whether an address can be reached from this machine alone. */
export function isLocal(address: string): boolean {
  if (address.startsWith("unix:")) return true;
  const host = address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
