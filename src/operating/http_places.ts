import type { Socket } from "node:net";

/** Connections at a time. Prometheus, probes and a person need a handful. */
const MAX_CONNECTIONS = 64;

/** A client gets so long to say its request, and so long between two. */
const REQUEST_MS = 10_000;

/** A connection of a client. */
interface Place {
  /** Requests that are being answered. */
  asking: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The connections of an HTTP address. Where there is no room for another, the one that has been
 * without a request for longest is cut, so that clients which connect and say nothing, or half a
 * request, cannot keep others out.
 */
export class HttpPlaces {
  /** By age of the last request, the oldest first. */
  readonly #places = new Map<Socket, Place>();
  readonly #maxConnections: number;
  readonly #requestMs: number;

  constructor({ maxConnections = MAX_CONNECTIONS, requestMs = REQUEST_MS } = {}) {
    this.#maxConnections = maxConnections;
    this.#requestMs = requestMs;
  }

  /** Lets a connection in; one that finds no place is cut. @returns whether it is in. */
  admit(socket: Socket): boolean {
    socket.on("error", () => socket.destroy());
    if (this.#places.size >= this.#maxConnections && !this.#makeRoom()) {
      socket.destroy();
      return false;
    }
    this.#wait(socket, { asking: 0, timer: undefined });
    socket.once("close", () => this.#forget(socket));
    return true;
  }

  /** A request has come whole. */
  begin(socket: Socket): void {
    const place = this.#places.get(socket);
    if (!place) return;
    place.asking++;
    clearTimeout(place.timer);
  }

  /** A request has been answered. */
  end(socket: Socket): void {
    const place = this.#places.get(socket);
    if (!place) return;
    place.asking--;
    if (place.asking === 0) this.#wait(socket, place);
  }

  /** Cuts all of them. */
  closeAll(): void {
    for (const socket of [...this.#places.keys()]) socket.destroy();
  }

  #wait(socket: Socket, place: Place): void {
    this.#places.delete(socket);
    this.#places.set(socket, place);
    clearTimeout(place.timer);
    place.timer = setTimeout(() => socket.destroy(), this.#requestMs);
  }

  #makeRoom(): boolean {
    for (const [socket, { asking }] of this.#places) {
      if (asking > 0) continue;
      this.#forget(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  #forget(socket: Socket): void {
    clearTimeout(this.#places.get(socket)?.timer);
    this.#places.delete(socket);
  }
}
