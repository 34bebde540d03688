import { useEffect, useState } from "preact/hooks";
import { ColorizePage } from "./colorize/colorize_page.tsx";
import { ComparePage } from "./compare/compare_page.tsx";
import { DatasetPage } from "./datasets/dataset_page.tsx";
import { DatasetsPage } from "./datasets/datasets_page.tsx";
import { DevicesPage } from "./devices/devices_page.tsx";
import { JobPage } from "./job/job_page.tsx";
import { JobsPage } from "./jobs/jobs_page.tsx";
import { retryNow, useConnection } from "../web_parts/live/connection.ts";
import { ModelsPage } from "./models/models_page.tsx";
import { NewJobPage } from "./options/new_job_page.tsx";
import { Dialog } from "../web_parts/parts/dialog.tsx";
import { Icon, type IconName, Logo } from "../web_parts/parts/icon.tsx";
import { ToastPlace } from "../web_parts/parts/toast.tsx";
import { useKeys } from "../web_parts/parts/use_keys.ts";
import { type Route, useRoute } from "../web_parts/parts/use_route.ts";
import { clock, span } from "../web_parts/words.ts";

/** The pages of the bar. */
const pages: readonly { readonly name: string; readonly path: string; readonly icon: IconName }[] =
  [
    { name: "Jobs", path: "", icon: "jobs" },
    { name: "Compare", path: "compare", icon: "compare" },
    { name: "Colorize", path: "colorize", icon: "colorize" },
    { name: "Models", path: "models", icon: "models" },
    { name: "Datasets", path: "datasets", icon: "datasets" },
    { name: "Devices", path: "devices", icon: "devices" },
  ];

/** What keys do, for the list of them. */
const keys = [
  ["j k", "next, previous job"],
  ["Enter", "open it"],
  ["x", "select it"],
  ["c", "compare the selected jobs"],
  ["n", "new job"],
  ["p", "pause or resume a job"],
  ["0", "the whole run"],
  ["Esc", "no brush (Compare)"],
  ["← →", "sample sheet before, next"],
  ["f", "sample sheet full screen"],
  ["m h b", "move, hint by click, brush (Colorize)"],
  ["e z", "erase with the brush, undo (Colorize)"],
  ["t", "gray for the time being (Colorize)"],
  ["+ − 1 0", "zoom, 100 %, all of the photo (Colorize)"],
  ["s", "save the photo (Colorize)"],
  ["↑ ↓", "photo before, next (Colorize)"],
  ["?", "these keys"],
] as const;

/** Bar, page and banner. */
export function App() {
  const route = useRoute();
  const [hasKeys, setKeys] = useState(false);
  const [theme, setTheme] = useState(storedTheme);
  useKeys({ "?": () => setKeys(true) });
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    store(theme);
  }, [theme]);
  const [first = ""] = route.path;
  const at = first === "jobs" || first === "new" ? "" : first;
  useEffect(() => {
    const page = pages.find(({ path }) => path === at)?.name ?? "Jobs";
    document.title = `${first === "new" ? "New job" : page} · Tinct`;
    scrollTo(0, 0);
  }, [first, route.path[1]]);
  return (
    <ToastPlace>
      <a class="skip" href="#main" onClick={focusMain}>To the page</a>
      <header class="bar">
        <a class="brand" href="#/">
          <Logo /> Tinct
        </a>
        <nav aria-label="Pages">
          {pages.map(({ name, path, icon }) => (
            <a key={path} href={`#/${path}`} aria-current={path === at ? "page" : undefined}>
              <Icon name={icon} />
              <span>{name}</span>
            </a>
          ))}
        </nav>
        <span class="spacer" />
        <LiveMark />
        <button
          type="button"
          class="quiet"
          aria-label={`Theme: ${theme}. Change it`}
          title={`Theme: ${theme}`}
          onClick={() => setTheme(themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system")}
        >
          <Icon name="sun" />
        </button>
      </header>
      <LostBanner />
      <main id="main" tabIndex={-1}>
        <Page route={route} />
      </main>
      {hasKeys && (
        <Dialog title="Keys" onClose={() => setKeys(false)}>
          <dl class="facts">
            {keys.map(([key, words]) => (
              <>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{words}</dd>
              </>
            ))}
          </dl>
          <div class="dialog-actions">
            <button type="button" class="button" data-focus onClick={() => setKeys(false)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </ToastPlace>
  );
}

function Page({ route }: { route: Route }) {
  const [first, second] = route.path;
  if (first === "jobs" && second !== undefined) return <JobPage key={second} jobId={second} />;
  switch (first) {
    case "new":
      return <NewJobPage />;
    case "compare":
      return <ComparePage />;
    case "colorize":
      return <ColorizePage />;
    case "models":
      return <ModelsPage />;
    case "datasets":
      return second === undefined
        ? <DatasetsPage />
        : <DatasetPage key={second} dataset={second} />;
    case "devices":
      return <DevicesPage />;
    default:
      return <JobsPage />;
  }
}

function LiveMark() {
  const { isLost } = useConnection();
  return (
    <span class={`live ${isLost ? "lost" : ""}`} role="status">
      {isLost ? "Disconnected" : "Live"}
    </span>
  );
}

/** Says that the server does not answer, how old the page is, and when it tries again. */
function LostBanner() {
  const { isLost, heardMs } = useConnection();
  useEffect(() => {
    document.body.classList.toggle("stale", isLost);
  }, [isLost]);
  if (!isLost) return null;
  return (
    <div class="lost-banner" role="alert">
      <Icon name="warning" />
      <span>
        <b>No word from the server since {clock(heardMs)}.</b> What you see is{" "}
        {span((Date.now() - heardMs) / 1000)} old and dimmed. Training goes on without this page.
      </span>
      <span class="spacer" />
      <button type="button" class="button small" onClick={retryNow}>Try now</button>
    </div>
  );
}

const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];

function storedTheme(): Theme {
  try {
    return themes.find((theme) => theme === localStorage.getItem("theme")) ?? "system";
  } catch {
    return "system"; // storage may be forbidden
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Forbidden storage only forgets the choice.
  }
}

function focusMain(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
