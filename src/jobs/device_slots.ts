/** Something that trains one job at a time. */
export interface SlotDevice {
  /** "cpu", or such as "gpu:0": the name that workers know it by. */
  readonly name: string;
  readonly kind: "cpu" | "gpu";
  /** What its maker calls it; "" where that is not known. */
  readonly description: string;
  /** Its memory in bytes; 0 where that is not known. */
  readonly memoryBytes: number;
}

/** A device and the job that holds it. */
export interface SlotStatus extends SlotDevice {
  readonly jobId: string | undefined;
}
