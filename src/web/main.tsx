import { render } from "preact";
import { App } from "./app.tsx";

/** Shows the pages in the document. */
function start(): void {
  const place = document.getElementById("app");
  if (place) render(<App />, place);
}

start();
