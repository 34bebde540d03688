/** A photo that a client wants colorized. */
export interface ClientsPhoto {
  /** Whose it is; those of nobody in particular are one client's. */
  readonly client: string | undefined;
  readonly photo: Uint8Array;
}

/** What a worker may have at a time. */
interface WorkerPlaces {
  readonly photos: number;
  /** Of files; a larger one it has alone. */
  readonly bytes: number;
}

/** Of a worker's places one client takes no more than this part: others need not wait for its photos. */
const CLIENTS_PART = 0.75;

/**
 * The photo whose turn it is: the first one of the client that has the fewest in work.
 *
 * @param inWork the photos that the worker has.
 * @returns undefined where none may be worked on now.
 */
export function nextInTurn<T extends ClientsPhoto>(
  waiting: readonly T[],
  inWork: readonly T[],
  places: WorkerPlaces,
): T | undefined {
  if (inWork.length >= places.photos) return undefined;
  const held = countByClient(inWork);
  const total = sum(inWork);
  const fits = ({ client, photo }: T) => {
    const own = held.get(client) ?? { photos: 0, bytes: 0 };
    if (inWork.length === 0 || own.photos === 0 && isSmall(photo, places)) return true;
    return total + photo.byteLength <= places.bytes &&
      own.photos < Math.max(1, Math.floor(places.photos * CLIENTS_PART)) &&
      own.bytes + photo.byteLength <= places.bytes * CLIENTS_PART;
  };
  let next: T | undefined;
  for (const task of waiting) {
    if (!fits(task)) continue;
    const isFewer = (held.get(task.client)?.photos ?? 0) < (held.get(next?.client)?.photos ?? 0);
    if (next === undefined || isFewer) next = task;
  }
  return next;
}

/**
 * The photo that gives way to another client's where there is no more room: the last one of the client
 * that has the most.
 *
 * @param all photos that wait or are worked on.
 * @returns undefined where the newcomer's client has as many itself.
 */
export function toGiveWay<T extends ClientsPhoto>(
  waiting: readonly T[],
  all: readonly T[],
  newcomer: ClientsPhoto,
): T | undefined {
  const held = countByClient(all);
  const size = (client: string | undefined) => held.get(client) ?? { photos: 0, bytes: 0 };
  const own = size(newcomer.client);
  const after = { photos: own.photos + 1, bytes: own.bytes + newcomer.photo.byteLength };
  const last = waiting.toReversed().filter(({ client }) =>
    size(client).photos > after.photos || size(client).bytes > after.bytes
  );
  return last.reduce<T | undefined>(
    (most, task) => most && size(most.client).photos >= size(task.client).photos ? most : task,
    undefined,
  );
}

function isSmall({ byteLength }: Uint8Array, { bytes }: WorkerPlaces): boolean {
  return byteLength <= bytes / 32;
}

function countByClient(tasks: readonly ClientsPhoto[]) {
  const counts = new Map<string | undefined, { photos: number; bytes: number }>();
  for (const { client, photo } of tasks) {
    const { photos, bytes } = counts.get(client) ?? { photos: 0, bytes: 0 };
    counts.set(client, { photos: photos + 1, bytes: bytes + photo.byteLength });
  }
  return counts;
}

function sum(tasks: readonly ClientsPhoto[]): number {
  return tasks.reduce((total, { photo }) => total + photo.byteLength, 0);
}
