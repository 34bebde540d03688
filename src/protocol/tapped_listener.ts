import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { TappedSocket } from "./tapped_socket.ts";

/** An open address. Disposing of it, after the server's own shutdown, closes it and cuts what is left. */
export interface TappedListener extends AsyncDisposable {
  /** The port that clients dial; 0 for a Unix-domain socket. */
  readonly port: number;
}

/**
 * Opens an address for a server in place of its `bindAsync`, over sockets that can tell what a
 * client has not taken, so that `send` waits for slow ones; see `TappedSocket`.
 *
 * @param address "HOST:PORT" (port 0: any that is free) or "unix:PATH".
 * @throws the system's error where the address cannot be opened.
 */
export async function listenTapped(server: Server, address: string): Promise<TappedListener> {
  const sockets = new Set<TappedSocket>();
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => {
    const tapped = new TappedSocket(socket);
    sockets.add(tapped);
    tapped.once("close", () => sockets.delete(tapped));
    injector.injectConnection(tapped);
  });
  const [, path, host, port] = /^(?:unix:(?:\/\/(?=\/))?(.+)|(.*):(\d+))$/.exec(address) ?? [];
  if (path !== undefined) listener.listen(path);
  else listener.listen(Number(port), host?.replace(/^\[(.*)\]$/, "$1"));
  await once(listener, "listening");
  return {
    port: path === undefined ? (listener.address() as AddressInfo).port : 0,
    async [Symbol.asyncDispose]() {
      if (!listener.listening) return;
      const closed = once(listener, "close");
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
