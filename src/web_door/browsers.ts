import type { HttpPurpose } from "../operating/http_listener.ts";

/** What the address of the pages is for; apart, so that a server without them loads nothing of theirs. */
export const BROWSERS: HttpPurpose = { name: "browsers", usualPort: 8051 };
