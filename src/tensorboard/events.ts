import {
  bytesField,
  doubleField,
  type Field,
  floatField,
  message,
  messageField,
  stringField,
  varintField,
} from "../tensorflow/protobuf.ts";
import { readFields, readText } from "../tensorflow/protobuf_reader.ts";

// The numbers of fields are those of TensorFlow's event.proto, summary.proto and tensor.proto, and of
// TensorBoard's plugins/hparams/plugin_data.proto.

/** A value of a summary, with its tag. */
export type SummaryValue = Field;

/** What an option of a run may be. */
type OptionValue = string | number | boolean;

/** A number, to be drawn as a curve; it is rounded to float32. */
export function scalar(tag: string, value: number): SummaryValue {
  return summaryValue(tag, floatField(2, value)); // simple_value
}

/** A picture. @param png an encoded file. */
export function picture(
  tag: string,
  png: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): SummaryValue {
  const rgb = 3;
  const fields = [varintField(1, height), varintField(2, width), varintField(3, rgb)];
  return summaryValue(tag, messageField(4, ...fields, bytesField(4, png)));
}

/** A text, which TensorBoard takes for Markdown. */
export function text(tag: string, markdown: string): SummaryValue {
  const dtString = 7;
  const tensor = [
    varintField(1, dtString),
    messageField(2, messageField(2, varintField(1, 1))), // tensor_shape.dim.size
    stringField(8, markdown), // string_val
  ];
  return summaryValue(tag, metadata("text", new Uint8Array(0)), messageField(8, ...tensor));
}

/** The options of a run, for TensorBoard's table of hyperparameters. */
export function hyperparameters(
  options: Readonly<Record<string, OptionValue>>,
  startedSeconds: number,
): SummaryValue {
  const hparams = Object.entries(options).map(([name, value]) =>
    messageField(1, stringField(1, name), messageField(2, protobufValue(value)))
  );
  const start = messageField(3, ...hparams, doubleField(5, startedSeconds));
  const noNumbers = messageField(2, messageField(2, varintField(1, 0))); // of the shape [0]
  const tensor = messageField(8, varintField(1, 1), noNumbers);
  return summaryValue("_hparams_/session_start_info", metadata("hparams", message(start)), tensor);
}

/** The first event of every file. */
export function versionEvent(wallSeconds: number): Uint8Array {
  return message(doubleField(1, wallSeconds), stringField(3, "brain.Event:2"));
}

/** The event by which a reader forgets what it has read of this step and later ones. */
export function startEvent(wallSeconds: number, step: number): Uint8Array {
  const start = 1;
  return message(...stamp(wallSeconds, step), messageField(7, varintField(1, start)));
}

/** The event of a step. */
export function summaryEvent(
  wallSeconds: number,
  step: number,
  values: readonly SummaryValue[],
): Uint8Array {
  return message(...stamp(wallSeconds, step), messageField(5, ...values));
}

/** What an event is of: its step, and the tag of its first value where it has any. */
export function describeEvent(data: Uint8Array): { step: number; tag: string | undefined } {
  const fields = readFields(data);
  const of = (number: number) => fields.find((field) => field.number === number);
  const summary = of(5);
  const value = summary && readFields(summary.bytes).find(({ number }) => number === 1);
  return { step: of(2)?.value ?? 0, tag: value && readText(readFields(value.bytes), 1) };
}

function stamp(wallSeconds: number, step: number): Field[] {
  return [doubleField(1, wallSeconds), varintField(2, step)];
}

function summaryValue(tag: string, ...fields: Field[]): SummaryValue {
  return messageField(1, stringField(1, tag), ...fields);
}

function metadata(plugin: string, content: Uint8Array): Field {
  const tensors = 2; // DATA_CLASS_TENSOR
  const data = messageField(1, stringField(1, plugin), bytesField(2, content));
  return messageField(9, data, varintField(4, tensors));
}

/** As a google.protobuf.Value. */
function protobufValue(value: OptionValue): Field {
  if (typeof value === "number") return doubleField(2, value);
  return typeof value === "boolean" ? varintField(4, value) : stringField(3, value);
}
