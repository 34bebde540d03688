import { boolean } from "../config/option.ts";
import { type CommandValues, text } from "../terminal/arguments.ts";

/** The options of every command that talks to a server. */
export const serverOptions = {
  server: text("ADDR", "the server's address: HOST:PORT or unix:PATH", "127.0.0.1:50051"),
  tls: boolean(false, "use TLS, and trust the authorities the system trusts"),
  ca: text("FILE", "use TLS, and trust the authorities in this PEM file"),
  cert: text("FILE", "PEM file with this client's certificate"),
  key: text("FILE", "PEM file with the key of that certificate"),
  tokenFile: text("FILE", "file with the token (default: TINCT_TOKEN in the environment)"),
} as const;

/** The same for commands that can do without a server. */
export const optionalServerOptions = {
  ...serverOptions,
  server: text("ADDR", "let this server do the work: HOST:PORT or unix:PATH"),
} as const;

/** Those that say nothing without a server. */
export const serverFlags = Object.keys(serverOptions).filter((name) => name !== "server");

/** How a server is reached. */
export type ServerOptions =
  & { readonly server: string }
  & Partial<Omit<CommandValues<typeof serverOptions>, "server">>;
