import { configProto, type SessionOptions as Settings } from "./config_proto.ts";
import { NativeObject } from "./native_object.ts";
import { Status } from "./status.ts";
import type { Symbols } from "./symbols.ts";

/** A `TF_SessionOptions`: threads and devices of a session. */
export class SessionOptions extends NativeObject {
  constructor(symbols: Symbols, settings: Settings) {
    super("TF_SessionOptions", symbols.TF_NewSessionOptions(), symbols.TF_DeleteSessionOptions);
    using status = new Status(symbols);
    const config = configProto(settings);
    symbols.TF_SetConfig(this.pointer, config, BigInt(config.length), status.pointer);
    status.check("TF_SetConfig");
  }
}
