import { Buffer } from "node:buffer";

/** The page's style; none may stand in the page itself. */
export const SIGN_IN_STYLE: Uint8Array = Buffer.from(`:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#f6f5f2, #17171a);
  color: light-dark(#1d1d20, #ecebe8); }
main { box-sizing: border-box; width: min(26rem, 100vw); padding: 1.5rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; }
label { display: block; margin-bottom: .25rem; }
input, button { box-sizing: border-box; width: 100%; padding: .625rem .75rem; font: inherit;
  border-radius: .375rem; border: 1px solid light-dark(#767680, #8a8a94); }
input { background: light-dark(#fff, #222226); color: inherit; }
button { margin-top: 1rem; border: 0; background: light-dark(#1b5e9b, #8ec5f5);
  color: light-dark(#fff, #10202e); cursor: pointer; }
[role="alert"] { padding: .625rem .75rem; border-radius: .375rem;
  background: light-dark(#fbe3e1, #4a1f1c); color: light-dark(#7a120a, #ffd9d5); }
:focus-visible { outline: 3px solid light-dark(#1b5e9b, #8ec5f5); outline-offset: 2px; }
`);

/**
 * The page on which a person shows a token. It works without a script.
 *
 * @param next where to go then.
 * @param fault what was wrong with the token before.
 */
export function signInPage(next: string, fault?: string): string {
  const alert = fault === undefined ? "" : `<p role="alert">${escaped(fault)}</p>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to Tinct</title>
<link rel="stylesheet" href="/sign-in.css">
</head>
<body>
<main>
<h1>Sign in to Tinct</h1>
${alert}<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${escaped(next)}">
<label for="token">Token, as <code>tinct token</code> has made it</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button>
</form>
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
