import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { STATUS_DETAILS_KEY } from "../../protocol/status_details.ts";
import type { CallStatus } from "../status.ts";

/** A status as gRPC sends it: its details travel in a trailer. */
export function grpcStatus({ code, details, encoded }: CallStatus): StatusObject {
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS_KEY, encoded);
  return { code, details, metadata };
}
