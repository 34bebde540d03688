import { createHash, randomBytes } from "node:crypto";

/** A browser that makes no request for so long has to sign in again. */
const IDLE_MS = 7 * 24 * 3_600_000;

/** Browsers that are signed in at a time; past that the one that was away for longest is signed out. */
const MAX_SIGN_INS = 10_000;

/** A browser that is signed in. */
interface SignIn {
  /** SHA-256 of the token that it showed. */
  readonly tokenHash: Uint8Array;
  readonly usedMs: number;
}

/**
 * The browsers that have shown a token. Each has a secret of its own in a cookie, which says nothing of
 * the token and is worth nothing at the gRPC address. Here are its SHA-256 and the token's: whether
 * the token is still one, the access list says at every request.
 */
export class SignIns {
  /** By the SHA-256 of their secrets, the one longest away first. */
  readonly #all = new Map<string, SignIn>();
  readonly #nowMs: () => number;

  /** @param nowMs a clock. */
  constructor(nowMs: () => number = () => Date.now()) {
    this.#nowMs = nowMs;
  }

  /** Signs a browser in. @returns its secret. */
  begin(tokenHash: Uint8Array): string {
    const secret = randomBytes(32).toString("base64url");
    this.#all.set(keyOf(secret), { tokenHash, usedMs: this.#nowMs() });
    for (const [key, { usedMs }] of this.#all) {
      if (this.#all.size <= MAX_SIGN_INS && this.#nowMs() - usedMs < IDLE_MS) break;
      this.#all.delete(key);
    }
    return secret;
  }

  /** SHA-256 of the token that a browser has shown; undefined: it is not signed in. */
  tokenHashOf(secret: string): Uint8Array | undefined {
    const key = keyOf(secret);
    const found = this.#all.get(key);
    if (found === undefined) return undefined;
    this.#all.delete(key);
    const usedMs = this.#nowMs();
    if (usedMs - found.usedMs >= IDLE_MS) return undefined;
    this.#all.set(key, { ...found, usedMs });
    return found.tokenHash;
  }

  /** Signs a browser out: its secret is worth nothing from now on. */
  end(secret: string): void {
    this.#all.delete(keyOf(secret));
  }
}

function keyOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
