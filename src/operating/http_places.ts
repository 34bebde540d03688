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

/** Requests that a client may send before the first of them is answered. */
const MAX_PIPELINED = 16;

/**
 * So long an address is shut out after a connection of it sent more, in ms. What such a connection had
 * sent is parsed all the same, some 500 requests, so that dialling again and again must not pay.
 */
const SHUT_OUT_MS = 2000;

/** Addresses that are remembered as shut out. */
const MOST_SHUT_OUT = 10_000;

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
  /** The connection itself; over TLS what speaks TLS on it, once the client has proved to speak it. */
  socket: Socket;
  readonly address: string;
  /** Requests that were begun and are not answered yet. */
  open: number;
  /** Those of them that have come whole. */
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
  readonly #places = new Set<Place>();
  readonly #ofSocket = new WeakMap<Socket, Place>();
  /** Those that came from each address and port. */
  readonly #ofPeer = new Map<string, Place>();
  readonly #counts = new Map<string, number>();
  readonly #limits: HttpLimits;
  /** Until when an address is shut out, by `performance.now()`; the oldest first. */
  readonly #shutOut = new Map<string, number>();

  constructor(limits: Partial<HttpLimits> = {}) {
    this.#limits = { ...toolLimits, ...limits };
  }

  /** Lets a connection in; one that finds no place is cut. */
  admit(socket: Socket): void {
    const { maxConnections, maxPerAddress, requestMs } = this.#limits;
    socket.on("error", () => socket.destroy());
    const address = addressKey(socket.remoteAddress);
    if (this.#isShutOut(address)) return void socket.destroy();
    const isFull = this.#places.size >= maxConnections;
    const hasEnough = (this.#counts.get(address) ?? 0) >= maxPerAddress;
    if ((isFull || hasEnough) && !this.#makeRoom(hasEnough ? address : undefined)) {
      socket.destroy();
      return;
    }
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
    const place: Place = { socket, address, open: 0, asking: 0, timer: undefined };
    this.#ofPeer.set(peerOf(socket), place);
    this.#seat(socket, place);
    this.#wait(place, requestMs);
  }

  /** A connection that was let in speaks TLS from now on. @returns whether it is still in. */
  secure(socket: Socket): boolean {
    const place = this.#ofPeer.get(peerOf(socket));
    if (place === undefined || !this.#places.has(place)) {
      socket.destroy();
      return false;
    }
    socket.on("error", () => socket.destroy());
    place.socket = socket;
    this.#seat(socket, place);
    return true;
  }

  /**
   * The head of a request has come. Browsers wait for an answer before they ask again, and what asks on
   * and on without that has the server do nothing else.
   *
   * @returns whether it is to be answered; its connection is cut otherwise, and with it all others of its
   *   address that wait for no answer.
   */
  take(socket: Socket): boolean {
    const place = this.#ofSocket.get(socket);
    if (place === undefined || socket.destroyed) return false;
    if (++place.open <= MAX_PIPELINED) return true;
    socket.destroy();
    this.#shut(place.address);
    return false;
  }

  /** The head of a request has come, and a body is to follow. */
  arrive(socket: Socket): void {
    const place = this.#ofSocket.get(socket);
    if (place) this.#expect(place, this.#limits.bodyMs);
  }

  /** A request has come whole. */
  begin(socket: Socket): void {
    const place = this.#ofSocket.get(socket);
    if (!place) return;
    place.asking++;
    clearTimeout(place.timer);
  }

  /** A request has been answered. */
  end(socket: Socket): void {
    const place = this.#ofSocket.get(socket);
    if (!place || !this.#places.has(place)) return;
    place.open--;
    place.asking = Math.min(place.open, Math.max(0, place.asking - 1));
    if (place.asking === 0) this.#wait(place, this.#limits.idleMs);
  }

  /** Cuts all of them. */
  closeAll(): void {
    for (const { socket } of [...this.#places]) socket.destroy();
  }

  #shut(address: string): void {
    this.#shutOut.delete(address);
    this.#shutOut.set(address, performance.now() + SHUT_OUT_MS);
    for (const oldest of this.#shutOut.keys()) {
      if (this.#shutOut.size <= MOST_SHUT_OUT) break;
      this.#shutOut.delete(oldest);
    }
    for (const place of [...this.#places]) {
      if (place.address === address && place.asking === 0) place.socket.destroy();
    }
  }

  #isShutOut(address: string): boolean {
    const untilMs = this.#shutOut.get(address);
    if (untilMs === undefined) return false;
    if (performance.now() < untilMs) return true;
    this.#shutOut.delete(address);
    return false;
  }

  #seat(socket: Socket, place: Place): void {
    this.#ofSocket.set(socket, place);
    const peer = peerOf(socket);
    socket.once("close", () => {
      if (place.socket !== socket) return; // what speaks TLS on it tells
      this.#forget(place);
      if (this.#ofPeer.get(peer) === place) this.#ofPeer.delete(peer);
    });
  }

  #wait(place: Place, waitMs: number): void {
    this.#places.delete(place);
    this.#places.add(place);
    this.#expect(place, waitMs);
  }

  #expect(place: Place, waitMs: number): void {
    clearTimeout(place.timer);
    place.timer = setTimeout(() => place.socket.destroy(), waitMs);
  }

  /** @param of whose connection is to go; undefined: anybody's. */
  #makeRoom(of: string | undefined): boolean {
    for (const place of this.#places) {
      if (place.asking > 0 || (of !== undefined && place.address !== of)) continue;
      this.#forget(place);
      place.socket.destroy();
      return true;
    }
    return false;
  }

  #forget(place: Place): void {
    clearTimeout(place.timer);
    if (!this.#places.delete(place)) return;
    const left = (this.#counts.get(place.address) ?? 1) - 1;
    if (left > 0) this.#counts.set(place.address, left);
    else this.#counts.delete(place.address);
  }
}

/** The address and port that a connection came from, which what speaks TLS on it has, too. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
