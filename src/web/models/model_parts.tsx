import { useEffect, useState } from "preact/hooks";
import { call, CallError } from "../../web_parts/contract/calls.ts";
import type { Model } from "../../web_parts/contract/messages.ts";
import { bytes, fixed, fullTime, moment, num, whole } from "../../web_parts/words.ts";
import { Tile, useSheetTiles } from "../../web_cards/sheets/sheet_tiles.tsx";
import { type FoundSheet, sheetOf } from "../../web_cards/sheets/use_thumb.ts";

/** Pixels of a model's sample sheet. */
const PIXELS = 600_000;

/** As many photos of it are shown. */
const MOST_PHOTOS = 6;

/** As many versions before the newest are looked up. */
const MOST_VERSIONS = 20;

/** What a model came to: the newest sample sheet of its job up to its step. */
export function ModelSample({ model: { name, jobId = "", step } }: { model: Model }) {
  const [sheet, setSheet] = useState<FoundSheet>();
  const [isGone, setGone] = useState(false);
  const upTo = num(step);
  useEffect(() => {
    const ending = new AbortController();
    let url: string | undefined;
    setSheet(undefined);
    setGone(false);
    void sheetOf(jobId, ending.signal, { pixels: PIXELS, upTo }).then((found) => {
      url = found?.url;
      if (ending.signal.aborted) return url && URL.revokeObjectURL(url);
      if (found) setSheet(found);
      else setGone(true);
    }, () => !ending.signal.aborted && setGone(true));
    return () => {
      ending.abort();
      if (url) URL.revokeObjectURL(url);
    };
  }, [jobId, upTo]);
  const { layout, originalWidth = 0 } = sheet?.sample ?? {};
  const tiles = useSheetTiles(sheet?.url, layout, originalWidth);
  if (isGone) return <p class="pad soft">Its job has no sample sheet, or is deleted.</p>;
  return (
    <div class="model-sample">
      {sheet && !layout && <img src={sheet.url} alt={`Sample sheet of ${name}`} />}
      {tiles?.layout.photos?.slice(0, MOST_PHOTOS).map((_, photo) => (
        <Tile
          key={photo}
          {...{ tiles, photo }}
          column="COLORIZED"
          label={`Photo ${photo + 1} as ${name} colorized it`}
        />
      ))}
    </div>
  );
}

/** Where a model was trained, and how it measured. */
export function TrainingFacts({ model }: { model: Model }) {
  const { validation } = model;
  return (
    <dl class="facts">
      <dt>From</dt>
      <dd>
        <a href={`#/jobs/${model.jobId}`}>{model.jobId}</a>, step {whole(model.step)}
      </dd>
      <dt>Weights</dt>
      <dd>{model.weights === "GENERATOR_WEIGHTS_EMA" ? "moving average" : "raw"}</dd>
      <dt>PSNR</dt>
      <dd>
        <b>{fixed(validation?.psnrDb, 2)}</b> dB, higher is better; gray{" "}
        {fixed(validation?.grayPsnrDb, 2)}
      </dd>
      <dt>ΔE2000</dt>
      <dd>
        <b>{fixed(validation?.deltaE2000, 2)}</b>, lower is better; gray{" "}
        {fixed(validation?.grayDeltaE2000, 2)}
      </dd>
      <dt>Promoted</dt>
      <dd title={fullTime(model.createTime)}>{moment(model.createTime)}</dd>
      <dt>Size</dt>
      <dd>{bytes(model.sizeBytes)}</dd>
    </dl>
  );
}

/** Where a network of another program came from, and what it is. */
export function ImportFacts({ model: { imported, createTime, sizeBytes } }: { model: Model }) {
  return (
    <dl class="facts">
      <dt>From</dt>
      <dd>import of {imported?.fileName}</dd>
      <dt>SHA-256</dt>
      <dd title={hexOf(imported?.sha256)}>{hexOf(imported?.sha256).slice(0, 16)}…</dd>
      <dt>Profile</dt>
      <dd title={imported?.profile}>
        {imported?.profileName || "its own"}, {whole(imported?.size)} x {whole(imported?.size)}{" "}
        pixels
      </dd>
      <dt>Parameters</dt>
      <dd>{whole(imported?.parameters)}</dd>
      <dt>Imported</dt>
      <dd title={fullTime(createTime)}>{moment(createTime)}</dd>
      <dt>Size</dt>
      <dd>{bytes(sizeBytes)}</dd>
    </dl>
  );
}

/** Bytes, as JSON has them in base64, in hexadecimal digits. */
function hexOf(base64 = ""): string {
  return Array.from(atob(base64), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"))
    .join("");
}

/** The versions before the newest: how they measured, and where they came from. */
export function Versions({ model: { name, version = 1 } }: { model: Model }) {
  const [before, setBefore] = useState<readonly Model[]>();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    const ending = new AbortController();
    void versionsOf(name, version, ending.signal).then(setBefore, () => {});
    return () => ending.abort();
  }, [name, version, isOpen]);
  if (version < 2) return null;
  return (
    <details class="pad" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Versions before</summary>
      {before?.length === 0 && <p class="soft">None is there.</p>}
      {before && before.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label={`Versions of ${name}`}>
          <table class="compact">
            <thead>
              <tr>
                <th class="number">Version</th>
                <th>From</th>
                <th class="number">PSNR dB</th>
                <th class="number">ΔE</th>
                <th>Promoted</th>
              </tr>
            </thead>
            <tbody>
              {before.map((each) => (
                <tr key={each.version}>
                  <td class="number">{each.version}</td>
                  <td>
                    {each.imported
                      ? `import of ${each.imported.fileName}`
                      : <a href={`#/jobs/${each.jobId}`}>step {whole(each.step)}</a>}
                    {each.description && <p class="soft">{each.description}</p>}
                  </td>
                  <td class="number">{fixed(each.validation?.psnrDb, 2)}</td>
                  <td class="number">{fixed(each.validation?.deltaE2000, 2)}</td>
                  <td title={fullTime(each.createTime)}>{moment(each.createTime)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

async function versionsOf(name: string, newest: number, signal: AbortSignal): Promise<Model[]> {
  const found: Model[] = [];
  for (let version = newest - 1; version > 0 && version >= newest - MOST_VERSIONS; version--) {
    try {
      const request = { name, version };
      found.push((await call<{ model: Model }>("ModelService/GetModel", request, signal)).model);
    } catch (error) {
      // Those of a deleted model keep their numbers.
      if (!(error instanceof CallError && error.code === "not_found")) throw error;
    }
  }
  return found;
}
