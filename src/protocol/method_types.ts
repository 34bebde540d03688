import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
} from "@grpc/grpc-js";
import type { Services } from "./contract_types.ts";

/** What a method takes and gives, whatever carries its calls; of a generated handler. */
type MethodTypes<Handler> = Handler extends handleUnaryCall<infer Request, infer Response>
  ? Shape<"unary", Request, Response>
  : Handler extends handleServerStreamingCall<infer Request, infer Response>
    ? Shape<"serverStream", Request, Response>
  : Handler extends handleClientStreamingCall<infer Request, infer Response>
    ? Shape<"clientStream", Request, Response>
  : Handler extends handleBidiStreamingCall<infer Request, infer Response>
    ? Shape<"bidi", Request, Response>
  : never;

interface Shape<Kind, Request, Response> {
  readonly kind: Kind;
  readonly request: Request;
  readonly response: Response;
}

/** The methods of a service, by name. */
export type ServiceMethodTypes<Name extends keyof Services> = {
  readonly [
    Method in keyof Services[Name]["handlers"] as string extends Method ? never : Method
  ]: MethodTypes<Services[Name]["handlers"][Method]>;
};
