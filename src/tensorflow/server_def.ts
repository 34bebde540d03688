import { configFields, type SessionOptions } from "./config_proto.ts";
import { message, messageField, stringField, varintField } from "./protobuf.ts";

/** The processes that compute together, and which of them this one is. */
export interface Cluster {
  /** `host:port` of each replica's TensorFlow, by rank; the same list in every process. */
  readonly addresses: readonly string[];
  /** Which of them is this process, from 0. */
  readonly rank: number;
}

const JOB = "worker";

/**
 * A serialized `ServerDef` (`tensorflow/core/protobuf/tensorflow_server.proto`, `cluster.proto`) of
 * one job with a task a replica. Its session configuration names the task that tells the others who
 * belongs to a group of collectives: that of rank 0.
 */
export function serverDef(
  { addresses, rank }: Cluster,
  options: SessionOptions,
): Uint8Array<ArrayBuffer> {
  const tasks = addresses.map((address, task) =>
    messageField(2, varintField(1, task), stringField(2, address)) // tasks: map<int32, string>
  );
  return message(
    messageField(1, messageField(1, stringField(1, JOB), ...tasks)), // cluster.job
    stringField(2, JOB), // job_name
    varintField(3, rank), // task_index
    messageField( // default_session_config
      4,
      ...configFields(options),
      messageField(16, stringField(1, `/job:${JOB}/replica:0/task:0`)), // collective_group_leader
    ),
    stringField(5, "grpc"), // protocol
  );
}
