import {
  InterceptingCall,
  type Interceptor,
  status as codes,
  type StatusObject,
} from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { contractTypes, loadPublicContract } from "../../src/protocol/contract.ts";
import { decodeDetails, STATUS_DETAILS_KEY } from "../../src/protocol/status_details.ts";

const contract = loadPublicContract();
const root = contractTypes();

/** What a call ended with besides OK. */
export interface SeenStatus {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  /** What is not as every refusal is promised to be; empty where all is. */
  readonly faults: readonly string[];
}

/** Notes how every call of a client ended. @param seen takes each. */
export function auditing(seen: SeenStatus[]): Interceptor {
  return (options, nextCall) => {
    const { path } = options.method_definition;
    return new InterceptingCall(nextCall(options), {
      start: (metadata, _listener, next) =>
        next(metadata, {
          onReceiveStatus: (status, pass) => {
            if (status.code !== codes.OK) {
              seen.push({
                path,
                code: codes[status.code] ?? "",
                message: status.details,
                faults: faultsOf(path, status),
              });
            }
            pass(status);
          },
        }),
    });
  };
}

/** What a client says by itself of a connection that was cut. */
const fromBelow = /^(?:Bandwidth exhausted|Received RST_STREAM)/;

/** What is wrong with an answer that refuses. */
function faultsOf(
  path: string,
  { code, details: message, metadata }: StatusObject,
): string[] {
  const faults: string[] = [];
  const bytes = metadata.get(STATUS_DETAILS_KEY)[0];
  if (!(bytes instanceof Uint8Array)) {
    const needed = [
      codes.INVALID_ARGUMENT,
      codes.FAILED_PRECONDITION,
      codes.RESOURCE_EXHAUSTED,
      codes.NOT_FOUND,
      codes.ALREADY_EXISTS,
    ];
    return needed.includes(code) && !fromBelow.test(message) ? ["it has no details"] : [];
  }
  const found = decodeDetails(contract, Buffer.from(bytes));
  const { violations, preconditions, quotas, resource, retryDelayMs, reason, metadata: more } =
    found;
  const needs = (fits: boolean, what: string) => {
    if (!fits) faults.push(what);
  };
  needs(/^[A-Z][A-Z0-9_]*$/.test(reason ?? ""), `its reason is ${reason}`);
  switch (code) {
    case codes.INVALID_ARGUMENT:
      needs(violations.length > 0, "it names no field");
      break;
    case codes.FAILED_PRECONDITION:
      needs(preconditions.length > 0, "it has no PreconditionFailure");
      break;
    case codes.RESOURCE_EXHAUSTED:
      needs(quotas.length > 0, "it has no QuotaFailure");
      break;
    case codes.UNAVAILABLE:
      needs(retryDelayMs !== undefined, "it does not say when to try again");
      break;
    case codes.NOT_FOUND:
    case codes.ALREADY_EXISTS:
      needs(resource !== undefined && resource.name !== "", "it names no resource");
      break;
  }
  const [, service = "", method = ""] = path.split("/");
  const type = root.lookupService(service).methods[method]?.resolvedRequestType;
  for (const { field } of violations) {
    needs(type ? hasField(type, field) : false, `${field} is not a field of the request`);
  }
  for (const { type } of preconditions) needs(/^[A-Z][A-Z_]*$/.test(type), `the type is ${type}`);
  const texts = [
    message,
    ...[...violations, ...preconditions, ...quotas].map(({ description }) => description),
  ];
  for (const text of texts) faults.push(...faultsOfText(text));
  const size = bytes.length * 4 / 3 + encodeURI(message.toWellFormed()).length;
  needs(size < 8192, `its trailers have ${size} bytes`);
  needs(Object.values(more).every((value) => value !== ""), "metadata without a value");
  return faults;
}

/** What a client must not be told: places in the server, names of code, what programs throw. */
function faultsOfText(text: string): string[] {
  // What is quoted came from the client, or is what to write.
  const own = text.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, "");
  const faults: string[] = [];
  const place =
    /(?:^|[\s(])\/(?!tinct\.v1|inference\.)[\w.-]+|\b(?:jobs|checkpoints)\/|step-\d{8}|file:\/\//
      .exec(own);
  if (place) faults.push(`it tells of a place, ${place[0]}: ${text}`);
  const inner = /\b(?:undefined|null|NaN is|TypeError|RangeError|E[A-Z]{4,}:|\[object)/.exec(own);
  if (inner && !/not (?:NaN|undefined|null)/.test(own)) faults.push(`inner words: ${text}`);
  const name = /(?<![\w/.-])[a-z]+[A-Z]\w*/.exec(own.replaceAll(/gRPC/g, ""));
  if (name) faults.push(`it has a name of code, ${name[0]}: ${text}`);
  if (/The photo photo|the photo photo/i.test(text)) faults.push(text);
  return faults;
}

/** Whether a path such as "spec.parameters[2].range" leads to something in a message. */
function hasField(type: protobuf.Type, path: string): boolean {
  const [step = "", ...rest] = path.split(".");
  const name = step.replace(/\[\d+\]$/, "").replaceAll(
    /_([a-z0-9])/g,
    (_, letter) => letter.toUpperCase(),
  );
  if (type.oneofs?.[name] !== undefined) return rest.length === 0;
  const field = type.fields[name];
  if (field === undefined) return step.includes(" or "); // members of a oneof at the top
  if (rest.length === 0 || field instanceof protobuf.MapField) return true;
  return field.resolvedType instanceof protobuf.Type &&
    hasField(field.resolvedType, rest.join("."));
}
