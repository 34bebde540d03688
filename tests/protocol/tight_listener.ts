/** Listens for gRPC and prints its port; started where few files may be open. */
import { Server } from "@grpc/grpc-js";
import { listenTapped } from "../../src/protocol/tapped_listener.ts";

const listener = await listenTapped(new Server(), "127.0.0.1:0", {
  onReopened: () => console.log("reopened"),
});
console.log(listener.port);
