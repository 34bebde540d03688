import { useState } from "preact/hooks";
import { call } from "../../web_parts/contract/calls.ts";
import type { Model } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Empty, Note } from "../../web_parts/parts/controls.tsx";
import { Question } from "../../web_parts/parts/dialog.tsx";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { ModelSample, Versions } from "./model_parts.tsx";
import { bytes, fixed, fullTime, moment, whole } from "../../web_parts/words.ts";

/** The newest version of every model: how it measured and where it came from. */
export function ModelsPage() {
  const { value, error, refresh } = useAnswer<{ models?: readonly Model[] }>(
    "ModelService/ListModels",
    { pageSize: 1000 },
    5000,
  );
  const [doomed, setDoomed] = useState<Model>();
  const toast = useToast();
  const models = value?.models ?? [];
  const remove = ({ name }: Model) =>
    void call("ModelService/DeleteModel", { name }).then(
      () => {
        toast(`${name} is deleted.`);
        refresh();
      },
      ({ message }) => toast(message, "error"),
    );
  return (
    <>
      <div class="page-head">
        <h1>Models</h1>
        <span class="soft">{whole(models.length)} promoted</span>
      </div>
      {error && <Note kind="error">{error.message}</Note>}
      {value && models.length === 0 && (
        <Empty title="No models yet">
          <p>Promote a checkpoint of a job: it then colorizes under a name of its own.</p>
          <a class="button" href="#/">Jobs</a>
        </Empty>
      )}
      <div class="tiles">
        {models.map((model) => (
          <section class="card tile" key={model.name} aria-label={model.name}>
            <header class="card-head">
              <h2>{model.name}</h2>
              <span class="tag">version {model.version}</span>
              {model.loaded === true && <span class="soft">in memory</span>}
            </header>
            <ModelSample model={model} />
            {model.description && <p class="pad">{model.description}</p>}
            <dl class="facts">
              <dt>From</dt>
              <dd>
                <a href={`#/jobs/${model.jobId}`}>{model.jobId}</a>, step {whole(model.step)}
              </dd>
              <dt>Weights</dt>
              <dd>{model.weights === "GENERATOR_WEIGHTS_EMA" ? "moving average" : "raw"}</dd>
              <dt>PSNR</dt>
              <dd>
                <b>{fixed(model.validation?.psnrDb, 2)}</b> dB, higher is better; gray{" "}
                {fixed(model.validation?.grayPsnrDb, 2)}
              </dd>
              <dt>ΔE2000</dt>
              <dd>
                <b>{fixed(model.validation?.deltaE2000, 2)}</b>, lower is better; gray{" "}
                {fixed(model.validation?.grayDeltaE2000, 2)}
              </dd>
              <dt>Promoted</dt>
              <dd title={fullTime(model.createTime)}>{moment(model.createTime)}</dd>
              <dt>Size</dt>
              <dd>{bytes(model.sizeBytes)}</dd>
            </dl>
            <Versions model={model} />
            <div class="pad actions">
              <a class="button small" href={`#/colorize?model=${encodeURIComponent(model.name)}`}>
                Colorize
              </a>
              <button type="button" class="button small danger" onClick={() => setDoomed(model)}>
                Delete…
              </button>
            </div>
          </section>
        ))}
      </div>
      {doomed && (
        <Question
          title={`Delete “${doomed.name}”?`}
          keep="Keep it"
          act="Delete the model"
          onAct={() => remove(doomed)}
          onClose={() => setDoomed(undefined)}
        >
          <p>All its versions go for good. The jobs they came from stay.</p>
        </Question>
      )}
    </>
  );
}
