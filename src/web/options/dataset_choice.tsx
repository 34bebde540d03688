import type { Dataset } from "../../web_parts/contract/messages.ts";
import { Card } from "../../web_parts/parts/controls.tsx";
import { whole } from "../../web_parts/words.ts";
import { UploadZone } from "../datasets/upload_zone.tsx";

/** Chooses a dataset of the server, or uploads one. */
export function DatasetChoice({ dataset, datasets, problem, onChoose }: {
  /** The one that is chosen; empty: none. */
  dataset: string;
  /** Those that are whole. */
  datasets: readonly Dataset[];
  /** What is wrong with the choice. */
  problem: string | undefined;
  onChoose: (dataset: string) => void;
}) {
  // One that was uploaded just now is not in the list yet.
  const names: readonly Pick<Dataset, "name" | "photos">[] =
    dataset === "" || datasets.some(({ name }) => name === dataset)
      ? datasets
      : [...datasets, { name: dataset }];
  return (
    <Card title="Data">
      <div class="pad data-choice">
        <UploadZone onDone={onChoose} onUse={onChoose} />
        <div>
          <label class="field">
            Dataset on the server
            <select
              id="option-dataset"
              value={dataset}
              onChange={({ currentTarget }) => onChoose(currentTarget.value)}
              aria-invalid={problem !== undefined}
              aria-describedby="dataset-problem"
            >
              <option value="">choose one</option>
              {names.map(({ name, photos }) => (
                <option key={name} value={name}>
                  {name}
                  {photos !== undefined && ` (${whole(photos)} photos)`}
                </option>
              ))}
            </select>
          </label>
          <p id="dataset-problem" class="problem">
            {problem !== undefined && `dataset ${problem}`}
          </p>
        </div>
      </div>
    </Card>
  );
}
