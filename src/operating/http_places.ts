import type { Socket } from "node:net";
import { addressKey } from "../protocol/address_key.ts";

/** How many connections an HTTP address has, and how long they may be silent. */
export interface HttpLimits {
  /** Connections at a time. */
  readonly maxConnections: number;
  /** Connections at a time from one address, see `addressKey`. */
  readonly maxPerAddress: number;
  /** A client gets so long to say its first request, in ms. */
  readonly requestMs: number;
  /** A client may be silent for so long between two requests, in ms. */
  readonly idleMs: number;
  /** A request's body may take so long, in ms. */
  readonly bodyMs: number;
}

/** Prometheus, probes and a person need a handful. */
const toolLimits: HttpLimits = {
  maxConnections: 64,
  maxPerAddress: Infinity,
  requestMs: 10_000,
  idleMs: 10_000,
  bodyMs: 10_000,
};

/** A connection of a client. */
interface Place {
  readonly address: string;
  /** Requests that are being answered. */
  asking: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The connections of an HTTP address. Where there is no room for another, the one that has been
 * without a request for longest is cut, of the same address where that has too many, so that clients
 * which connect and say nothing, or half a request, cannot keep others out.
 */
export class HttpPlaces {
  /** By age of the last request, the oldest first. */
  readonly #places = new Map<Socket, Place>();
  readonly #counts = new Map<string, number>();
  readonly #limits: HttpLimits;

  constructor(limits: Partial<HttpLimits> = {}) {
    this.#limits = { ...toolLimits, ...limits };
  }

  /** Lets a connection in; one that finds no place is cut. @returns whether it is in. */
  admit(socket: Socket): boolean {
    const { maxConnections, maxPerAddress, requestMs } = this.#limits;
    socket.on("error", () => socket.destroy());
    const address = addressKey(socket.remoteAddress);
    const isFull = this.#places.size >= maxConnections;
    const hasEnough = (this.#counts.get(address) ?? 0) >= maxPerAddress;
    if ((isFull || hasEnough) && !this.#makeRoom(hasEnough ? address : undefined)) {
      socket.destroy();
      return false;
    }
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
    this.#wait(socket, { address, asking: 0, timer: undefined }, requestMs);
    socket.once("close", () => this.#forget(socket));
    return true;
  }

  /** The head of a request has come, and a body is to follow. */
  arrive(socket: Socket): void {
    const place = this.#places.get(socket);
    if (place) this.#expect(socket, place, this.#limits.bodyMs);
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
    place.asking = Math.max(0, place.asking - 1);
    if (place.asking === 0) this.#wait(socket, place, this.#limits.idleMs);
  }

  /** Cuts all of them. */
  closeAll(): void {
    for (const socket of [...this.#places.keys()]) socket.destroy();
  }

  #wait(socket: Socket, place: Place, waitMs: number): void {
    this.#places.delete(socket);
    this.#places.set(socket, place);
    this.#expect(socket, place, waitMs);
  }

  #expect(socket: Socket, place: Place, waitMs: number): void {
    clearTimeout(place.timer);
    place.timer = setTimeout(() => socket.destroy(), waitMs);
  }

  /** @param of whose connection is to go; undefined: anybody's. */
  #makeRoom(of: string | undefined): boolean {
    for (const [socket, { asking, address }] of this.#places) {
      if (asking > 0 || (of !== undefined && address !== of)) continue;
      this.#forget(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  #forget(socket: Socket): void {
    const place = this.#places.get(socket);
    if (!place) return;
    clearTimeout(place.timer);
    this.#places.delete(socket);
    const left = (this.#counts.get(place.address) ?? 1) - 1;
    if (left > 0) this.#counts.set(place.address, left);
    else this.#counts.delete(place.address);
  }
}
