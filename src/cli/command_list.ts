import type { Command } from "./command.ts";

/** What the help text puts together, in its order. */
export const groups = [
  "On this machine",
  "A server",
  "Jobs of a server",
  "Datasets and models of a server",
  "The program",
] as const;

/** A command by its name. */
export interface Registration {
  readonly name: string;
  readonly group: typeof groups[number];
  /** One line, without a full stop. */
  readonly summary: string;
  /** A signal is the ordinary end of it, and no interruption. */
  readonly endsBySignal?: true;
  /** Its work is what counts: what it prints may be lost. Of others the output is the result. */
  readonly tells?: true;
  /** Imports the command's file, which nothing else does: `--help` stays quick. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Every command, in the order of the help text. */
export const commands: readonly Registration[] = [
  {
    name: "demo",
    group: "On this machine",
    summary: "Set everything up, train a small model for three minutes, show what it learned",
    tells: true,
    load: () => import("./demo.ts"),
  },
  {
    name: "train",
    group: "On this machine",
    summary: "Train on a folder of photos",
    tells: true,
    load: () => import("./train.ts"),
  },
  {
    name: "augment",
    group: "On this machine",
    summary: "Show what augmentation does to photos",
    tells: true,
    load: () => import("./augment.ts"),
  },
  {
    name: "check",
    group: "On this machine",
    summary: "Look at a folder of photos, and measure what training on it would take",
    load: () => import("./check.ts"),
  },
  {
    name: "colorize",
    group: "On this machine",
    summary: "Colorize photos with a trained model, here or on a server",
    tells: true,
    load: () => import("./colorize.ts"),
  },
  {
    name: "evaluate",
    group: "On this machine",
    summary: "Measure a trained model on photos, or compare two",
    load: () => import("./evaluate.ts"),
  },
  {
    name: "sweep",
    group: "On this machine",
    summary: "Search for good training options, here or on a server",
    tells: true,
    load: () => import("./sweep.ts"),
  },
  {
    name: "serve",
    group: "A server",
    summary: "Serve training and colorizing over gRPC",
    endsBySignal: true,
    tells: true,
    load: () => import("./serve.ts"),
  },
  {
    name: "token",
    group: "A server",
    summary: "Make, list and remove the tokens that let clients call a server",
    load: () => import("./token.ts"),
  },
  {
    name: "health",
    group: "A server",
    summary: "Ask a server whether it serves",
    load: () => import("./health.ts"),
  },
  {
    name: "capabilities",
    group: "A server",
    summary: "Show what a server can do: its devices, limits and training options",
    load: () => import("./capabilities.ts"),
  },
  {
    name: "submit",
    group: "Jobs of a server",
    summary: "Have a server train on one of its datasets",
    load: () => import("./submit.ts"),
  },
  {
    name: "jobs",
    group: "Jobs of a server",
    summary: "List jobs",
    load: () => import("./jobs.ts"),
  },
  {
    name: "job",
    group: "Jobs of a server",
    summary: "Show all that is known of a job, and its options that differ from the defaults",
    load: () => import("./job.ts"),
  },
  {
    name: "watch",
    group: "Jobs of a server",
    summary: "Watch a job: losses, samples, everything that happens",
    load: () => import("./watch.ts"),
  },
  {
    name: "pause",
    group: "Jobs of a server",
    summary: "Have a job write a checkpoint and free its device",
    load: () => import("./pause.ts"),
  },
  {
    name: "resume",
    group: "Jobs of a server",
    summary: "Put a paused job back into the queue",
    load: () => import("./resume.ts"),
  },
  {
    name: "cancel",
    group: "Jobs of a server",
    summary: "End a job after its current step",
    load: () => import("./cancel.ts"),
  },
  {
    name: "delete",
    group: "Jobs of a server",
    summary: "Delete a job that is over, with its events, pictures and checkpoints",
    load: () => import("./delete.ts"),
  },
  {
    name: "checkpoints",
    group: "Jobs of a server",
    summary: "List the checkpoints of a job",
    load: () => import("./checkpoints.ts"),
  },
  {
    name: "sweeps",
    group: "Jobs of a server",
    summary: "List, show, cancel and delete sweeps",
    load: () => import("./sweeps.ts"),
  },
  {
    name: "upload",
    group: "Datasets and models of a server",
    summary: "Upload photos to a server as a dataset",
    load: () => import("./upload.ts"),
  },
  {
    name: "datasets",
    group: "Datasets and models of a server",
    summary: "List, show and delete datasets",
    load: () => import("./datasets.ts"),
  },
  {
    name: "promote",
    group: "Datasets and models of a server",
    summary: "Make a checkpoint of a job a named model",
    load: () => import("./promote.ts"),
  },
  {
    name: "models",
    group: "Datasets and models of a server",
    summary: "List, show and delete promoted models",
    load: () => import("./models.ts"),
  },
  {
    name: "setup",
    group: "The program",
    summary: "Fetch the TensorFlow library once, and check it",
    tells: true,
    load: () => import("./setup.ts"),
  },
  {
    name: "doctor",
    group: "The program",
    summary: "Say which library, devices, threads and precision would be used, and what is missing",
    load: () => import("./doctor.ts"),
  },
  {
    name: "parity",
    group: "The program",
    summary: "Compare training with a PyTorch reference, quantity by quantity",
    load: () => import("./parity.ts"),
  },
];
