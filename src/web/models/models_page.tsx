import { useState } from "preact/hooks";
import { call } from "../../web_parts/contract/calls.ts";
import type { Model } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Empty, Note } from "../../web_parts/parts/controls.tsx";
import { Question } from "../../web_parts/parts/dialog.tsx";
import { useToast } from "../../web_parts/parts/toast.tsx";
import { ImportFacts, ModelSample, TrainingFacts, Versions } from "./model_parts.tsx";
import { whole } from "../../web_parts/words.ts";

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
        <span class="soft">{whole(models.length)} in all</span>
      </div>
      {error && <Note kind="error">{error.message}</Note>}
      {value && models.length === 0 && (
        <Empty title="No models yet">
          <p>Promote a checkpoint of a job: it then colorizes under a name of its own.</p>
          <p>
            Or import a network of another program: <code>tinct import FILE.onnx --name NAME</code>.
          </p>
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
            {!model.imported && <ModelSample model={model} />}
            {model.description && <p class="pad">{model.description}</p>}
            {model.imported ? <ImportFacts model={model} /> : <TrainingFacts model={model} />}
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
