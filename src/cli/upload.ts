import { performance } from "node:perf_hooks";
import { boolean, integer } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { stderr } from "../terminal/output/standard_streams.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { Progress } from "../terminal/progress.ts";
import { counted, formatBytes, formatCount } from "../terminal/quantities.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { findUploads } from "../client/upload_files.ts";
import { uploadAll } from "../client/upload_session.ts";
import { shown } from "../shown.ts";

export const command = defineCommand({
  description: [
    "Photos of a folder keep their subfolders. Photos that the server already has, by name and size, are",
    "not sent again, so after an interruption the same command continues where it was. At the end the",
    "dataset is complete, and jobs can use it. Exit code 1: some photo was refused or could not be read.",
  ].join("\n"),
  options: {
    ...serverOptions,
    dataset: text("NAME", "name of a new dataset, or of one with an unfinished upload"),
    finish: boolean(true, "complete the dataset at the end"),
    again: boolean(false, "also send photos that the server already has"),
    retries: integer(
      30,
      [0, 1e6],
      "reconnections in a row without a photo arriving before giving up",
    ),
    ...jsonOption,
  },
  operands: { name: "PHOTO", help: "photos and folders of photos", min: 1, max: Infinity },
  async run({ options, operands }, { environment, signal }) {
    const { dataset, finish, again, retries, json } = options;
    if (dataset === undefined) {
      throw new TinctError("invalid_argument", "--dataset is missing: the dataset's name.");
    }
    const { files, skipped, leftOut } = await findUploads(operands, signal);
    for (const sentence of skipped) console.error(plain(sentence));
    if (leftOut !== undefined) console.error(leftOut);
    if (files.length === 0) throw new TinctError("invalid_argument", "There is nothing to upload.");
    let unread = skipped.length;
    let progress: Progress | undefined;
    const warn = (sentence: string) => {
      if (progress === undefined) console.error(plain(sentence));
      else progress.log(plain(sentence));
    };
    using client = new ServiceClient(options, environment);
    const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    try {
      const answer = await uploadAll(client, {
        dataset,
        files,
        finish,
        again,
        retries,
        signal,
        onFound: (found) => {
          if (found.files > 0) {
            const what = `${formatCount(found.files)} of ${counted(files.length, "photo")}`;
            warn(`${what} (${formatBytes(found.sizeBytes)}) are there already.`);
          }
          if (found.files === files.length) return;
          progress = new Progress({
            label: "Uploading",
            total: total - found.sizeBytes,
            unit: "bytes",
            sink: stderr,
            now: () => performance.now(),
          });
        },
        onProgress: (done) => progress?.update(done.sizeBytes, counted(done.files, "photo")),
        onFinishing: () => {
          progress?.finish();
          progress = undefined;
          console.error("The server looks at the photos …");
        },
        onUnread: (sentence) => {
          unread++;
          warn(sentence);
        },
        onWarning: warn,
      });
      progress?.finish();
      for (const { fileName, fault } of answer.refused) {
        console.error(plain(`${fileName} was refused: ${fault?.message ?? ""}`));
      }
      if (json) printJson(client.json("UploadDatasetResponse", answer));
      else console.log(summaryOf(answer));
      return answer.refused.length + unread === 0 ? 0 : 1;
    } catch (error) {
      progress?.[Symbol.dispose]();
      if (signal.aborted) console.error("What has arrived stays; the same command goes on.");
      throw error;
    }
  },
});

function summaryOf({ dataset, report }: Awaited<ReturnType<typeof uploadAll>>): string {
  const { name = "", photos = 0, sizeBytes = 0 } = dataset ?? {};
  const all = `${name}: ${counted(photos, "photo")}, ${formatBytes(sizeBytes)}`;
  if (report === null) return `${all}; not complete yet, \`upload\` goes on or completes it.`;
  const { usablePhotos, grayPhotos, brokenPhotos } = report;
  const left = [
    ...grayPhotos > 0 ? [`${formatCount(grayPhotos)} gray`] : [],
    ...brokenPhotos > 0 ? [`${formatCount(brokenPhotos)} broken`] : [],
  ];
  const usable = `${formatCount(usablePhotos)} can be used`;
  return `${all}; ${[usable, ...left].join(", ")}.`;
}

function plain(sentence: string): string {
  return shown(sentence);
}
