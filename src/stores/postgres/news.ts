import { onAbort, pauseUnlessAborted, unlessAborted } from "../../abort.ts";
import type { Appended } from "../../jobs/store.ts";
import type { Connections } from "./connections.ts";

/** The channel, which each database has for itself. */
const CHANNEL = "tinct_news";
/** At most so often one server tells the others, in milliseconds between two times. */
const TELL_EVERY_MS = 50;
/** How often the database is asked for what nobody told. */
const ASK_EVERY_MS = 1000;
/** The most jobs of one message: PostgreSQL takes 8000 bytes. */
const JOBS_AT_ONCE = 60;
/** In which a message to oneself arrives where messages arrive at all. */
const ECHO_TIMEOUT_MS = 3000;

/** A job that somebody follows. */
interface Followed {
  followers: number;
  /** The last sequence number that was told. */
  told: number;
}

/** How news are spread. */
interface NewsOptions {
  /** See `Store.owner`. */
  readonly owner: string;
  /** Told of what other servers appended. */
  readonly onAppended: (appended: Appended) => void;
  /** Told, in a sentence, of what an operator should know. */
  readonly onNotice: (sentence: string) => void;
}

/**
 * What servers tell each other of events: by notifications, which may be late, lost or never come, and by
 * asking every second for the followed jobs, which is what counts. A notification is sent after the commit
 * and for many events at once: within transactions it would make them wait for each other.
 */
export class News implements AsyncDisposable {
  readonly #connections: Connections;
  readonly #options: NewsOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #untold = new Map<string, number>();
  readonly #stop = new AbortController();
  #work: Promise<unknown>[] = [];
  /** Runs while something is untold. */
  #telling: Promise<void> | undefined;
  #echo: { readonly text: string; readonly heard: () => void } | undefined;

  constructor(connections: Connections, options: NewsOptions) {
    this.#connections = connections;
    this.#options = options;
  }

  /** Begins to listen and to ask. */
  start(): void {
    this.#work = [this.#ask(), this.#listen()];
  }

  /** Tells others, soon, that a job has events up to this one. */
  tell({ jobId, lastSequence }: Appended): void {
    const followed = this.#followed.get(jobId);
    if (followed) followed.told = Math.max(followed.told, lastSequence);
    this.#untold.set(jobId, lastSequence);
    this.#telling ??= this.#tellAll();
  }

  /** See `Store.follow`. */
  follow(jobId: string): Disposable {
    const followed = this.#followed.get(jobId) ?? { followers: 0, told: 0 };
    this.#followed.set(jobId, followed);
    followed.followers++;
    let isDone = false;
    return {
      [Symbol.dispose]: () => {
        if (isDone) return;
        isDone = true;
        followed.followers--;
        if (followed.followers === 0) this.#followed.delete(jobId);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#work, this.#telling]);
  }

  async #tellAll(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#untold.size > 0 && await pauseUnlessAborted(TELL_EVERY_MS, signal)) {
      await this.#send();
    }
    this.#telling = undefined; // in the same moment as the look at #untold
  }

  /** Never rejects: what is not told is asked for. */
  async #send(): Promise<void> {
    const jobs = [...this.#untold];
    this.#untold.clear();
    try {
      for (let start = 0; start < jobs.length; start += JOBS_AT_ONCE) {
        const message = {
          from: this.#options.owner,
          jobs: jobs.slice(start, start + JOBS_AT_ONCE),
        };
        await this.#notify(JSON.stringify(message));
      }
    } catch {
      // Away.
    }
  }

  async #notify(message: string): Promise<void> {
    await this.#connections.query("SELECT pg_notify($1, $2)", [CHANNEL, message]);
  }

  async #ask(): Promise<void> {
    while (await pauseUnlessAborted(ASK_EVERY_MS, this.#stop.signal)) {
      await this.#look().catch(() => {}); // away; the next look finds it
    }
  }

  /** Asks for the followed jobs. */
  async #look(): Promise<void> {
    const ids = [...this.#followed.keys()];
    if (ids.length === 0) return;
    const sql = "SELECT id, last_sequence FROM jobs WHERE id = ANY($1::text[])";
    for (const { id, last_sequence } of await this.#connections.query(sql, [ids])) {
      this.#hear(String(id), Number(last_sequence));
    }
  }

  #hear(jobId: string, lastSequence: number): void {
    const followed = this.#followed.get(jobId);
    if (!followed || lastSequence <= followed.told) return;
    followed.told = lastSequence;
    this.#options.onAppended({ jobId, lastSequence, isElsewhere: true });
  }

  /** Keeps a connection that listens, for as long as messages come over it. */
  async #listen(): Promise<void> {
    const { signal } = this.#stop;
    do {
      const client = this.#connections.newClient();
      const end = () => void client.end().catch(() => {});
      signal.addEventListener("abort", end);
      try {
        const { promise: ended, resolve } = Promise.withResolvers<void>();
        client.on("error", () => resolve());
        client.on("end", () => resolve());
        client.on("notification", ({ payload }) => this.#take(payload ?? ""));
        // One that is ended in the midst of its handshake may never say so.
        await unlessAborted(client.connect(), signal);
        await unlessAborted(client.query(`LISTEN ${CHANNEL}`), signal);
        if (signal.aborted) return;
        if (!await this.#hearsItself()) {
          if (signal.aborted) return;
          this.#options.onNotice(
            "Notifications of PostgreSQL do not arrive, as with a pooler in transaction mode: what " +
              "other servers do is seen within a second, by asking.",
          );
          return;
        }
        await this.#look();
        await unlessAborted(ended, signal);
      } catch {
        // Away, or it is to stop; asking goes on, and so does this.
      } finally {
        signal.removeEventListener("abort", end);
        const closed = client.end().catch(() => {});
        if (!signal.aborted) await closed;
      }
    } while (await pauseUnlessAborted(ASK_EVERY_MS, signal));
  }

  async #hearsItself(): Promise<boolean> {
    const text = crypto.randomUUID();
    const { promise: heard, resolve } = Promise.withResolvers<boolean>();
    this.#echo = { text, heard: () => resolve(true) };
    const timer = setTimeout(() => resolve(false), ECHO_TIMEOUT_MS);
    using _stopping = onAbort(this.#stop.signal, () => resolve(false));
    try {
      await this.#notify(JSON.stringify({ echo: text }));
      return await heard;
    } finally {
      clearTimeout(timer);
      this.#echo = undefined;
    }
  }

  #take(text: string): void {
    const message = readMessage(text);
    if (message === undefined) return;
    if (message.echo !== undefined && message.echo === this.#echo?.text) this.#echo?.heard();
    if (message.from === this.#options.owner) return;
    for (const [jobId, lastSequence] of message.jobs ?? []) this.#hear(jobId, lastSequence);
  }
}

/** What one server tells the others. */
interface Message {
  readonly from?: string;
  readonly jobs?: readonly (readonly [jobId: string, lastSequence: number])[];
  readonly echo?: string;
}

/** Anybody who may use the database may notify: what is no message is passed over. */
function readMessage(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { from, jobs, echo } = value as Record<string, unknown>;
    const pairs = Array.isArray(jobs) ? jobs.filter(isPair) : [];
    return {
      ...(typeof from === "string" && { from }),
      ...(typeof echo === "string" && { echo }),
      jobs: pairs,
    };
  } catch {
    return undefined;
  }
}

function isPair(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && Number.isInteger(value[1]);
}
