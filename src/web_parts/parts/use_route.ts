import { useEffect, useState } from "preact/hooks";

/** Where the address says one is: "#/jobs/ID?log=1". */
export interface Route {
  /** Such as ["jobs", "job-…"]. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads the part of the address after "#". */
function readRoute(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return {
    path: path.split("/").filter((part) => part !== "").map(decodeURIComponent),
    query: new URLSearchParams(query),
  };
}

/** The route, and again whenever it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const read = () => setRoute(readRoute());
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return route;
}

/** Puts choices of a page into the address, so that a link shows the same view; no new page. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = readRoute();
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  const hash = `#/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
  if (hash === location.hash) return;
  history.replaceState(null, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
