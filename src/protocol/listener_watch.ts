import { connect, type Server, type Socket } from "node:net";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "node:timers";

/** How often a listener that accepts nothing is asked whether it would. */
const ASK_EVERY_MS = 5000;

/** A connection that the system has taken is accepted within this time, or never. */
const ANSWER_MS = 5000;

/** Where a listener listens. */
type ListenPlace =
  | { readonly path: string }
  | { readonly address: string; readonly port: number };

/**
 * Sees to it that a listener goes on accepting, until disposed of. Up to Deno 2.9.3 one that was once
 * out of file descriptors never accepts again, and tells nobody. So a listener that has accepted
 * nothing for a while is dialled; if even that does not wake it, it is closed and opened anew.
 */
export class ListenerWatch implements Disposable {
  readonly #listener: Server;
  readonly #onReopened: () => void;
  readonly #everyMs: number;
  #place: ListenPlace = { path: "" };
  #timer: ReturnType<typeof setInterval> | undefined;
  #probe: Socket | undefined;
  #late: ReturnType<typeof setTimeout> | undefined;
  #hasAccepted = true;
  #isReopening = false;

  /** @param onReopened is told that it had to be opened anew. */
  constructor(
    listener: Server,
    onReopened: () => void,
    { everyMs = ASK_EVERY_MS }: { readonly everyMs?: number } = {},
  ) {
    this.#listener = listener;
    this.#onReopened = onReopened;
    this.#everyMs = everyMs;
  }

  /** Begins to watch. @param place where the listener has come to listen. */
  begin(place: ListenPlace): void {
    this.#place = place;
    this.#timer = setInterval(() => this.#look(), this.#everyMs);
    this.#timer.unref();
  }

  /** Is told of every connection. @returns whether it is the watch's own, which it closes. */
  accepted(socket: Socket): boolean {
    this.#hasAccepted = true;
    const probe = this.#probe;
    const isOwn = probe !== undefined && socket.remotePort !== undefined &&
      socket.remotePort === probe.localPort;
    if (isOwn) socket.destroy();
    this.#endProbe();
    return isOwn;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#endProbe();
  }

  #look(): void {
    if (this.#isReopening) return this.#listen();
    const hasAccepted = this.#hasAccepted;
    this.#hasAccepted = false;
    if (!hasAccepted && this.#probe === undefined) this.#ask();
  }

  #ask(): void {
    const probe = "path" in this.#place
      ? connect(this.#place.path)
      : connect(this.#place.port, reachable(this.#place.address));
    this.#probe = probe;
    // Out of descriptors itself, or nothing listens: another look will tell.
    probe.once("error", () => this.#probe === probe && this.#endProbe());
    probe.once("connect", () => {
      if (this.#probe !== probe) return;
      this.#late = setTimeout(() => this.#reopen(), ANSWER_MS);
      this.#late.unref();
    });
    probe.unref();
  }

  #endProbe(): void {
    clearTimeout(this.#late);
    this.#probe?.destroy();
    this.#probe = undefined;
  }

  #reopen(): void {
    this.#endProbe();
    if (!this.#listener.listening) return;
    this.#isReopening = true;
    this.#listener.close();
    this.#listen();
  }

  /** Tries again at the next look where it fails, as without a descriptor. */
  #listen(): void {
    const opened = () => {
      this.#listener.off("error", failed);
      this.#isReopening = false;
      this.#onReopened();
    };
    const failed = () => void this.#listener.off("listening", opened);
    this.#listener.once("error", failed).once("listening", opened);
    if ("path" in this.#place) this.#listener.listen(this.#place.path);
    else this.#listener.listen(this.#place.port, this.#place.address);
  }
}

/** The address by which a listener on all addresses is reached from here. */
function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}
