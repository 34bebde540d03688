/** The protocol that a call came by: gRPC at its own address, the others at the door for browsers. */
export type CallProtocol = "grpc" | "grpc_web" | "connect";
