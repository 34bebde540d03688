/**
 * Where colours that are given at some places of a picture reach: along ways of like lightness.
 *
 * A way from a place is as long as it is in parts of the picture's longer side, and longer by what
 * lightness changes along it, each step squared: so a slope costs little, and an edge more than colours
 * go. That is the distance of Yatziv & Sapiro (2006, "Fast image and video colorization using
 * chrominance blending"). docs/decisions/0034 has what it was measured against.
 */

/** How far a colour goes where lightness does not change, as part of the picture's longer side. */
const REACH = 0.4;

/** What a step of lightness from black to white costs; a step of a tenth of it a hundredth of that. */
const EDGE_COST = 40;

/** Colours a place is given to choose from; the weights of the last one are what others lose. */
const NEAREST = 3;

/** Beyond this many times the reach nothing is left: exp(-(1.5 ^ 4)) is 0.006. */
const LIMIT = 1.5;

/** Lengths that are told apart; a step from one cell to the next is several of them. */
const BUCKETS = 4096;

/** Lightness of a picture, brought down to cells. */
export interface LightnessGrid {
  readonly width: number;
  readonly height: number;
  /** L* of each cell, [height, width]. */
  readonly lightness: Float32Array;
}

/** Cells from which a colour spreads. */
export interface ColorSeeds {
  /** Indices of cells; several may be the same. */
  readonly cells: readonly number[];
  /** a* and b* of each. */
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** What colours come to at each cell, [height, width]. */
export interface SpreadColors {
  /** How much of them there is, in [0, 1]. */
  readonly weight: Float32Array;
  /** a* and b*, where the weight is more than 0. */
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** Spreads colours over a picture, by Dial's form of Dijkstra's algorithm, for the nearest few of them. */
export function spreadColors(grid: LightnessGrid, seeds: ColorSeeds): SpreadColors {
  const count = grid.width * grid.height;
  const found = findNearest(grid, seeds);
  const weight = new Float32Array(count);
  const a = new Float32Array(count);
  const b = new Float32Array(count);
  for (let cell = 0; cell < count; cell++) {
    const known = found.counts[cell]!;
    if (known === 0) continue;
    const first = cell * NEAREST;
    weight[cell] = Math.exp(-((found.distances[first]! / REACH) ** 4));
    // Without the last one's weight no colour comes or goes at once where another takes its place.
    const least = known === NEAREST ? nearness(found.distances[first + NEAREST - 1]!) : 0;
    let sum = 0;
    for (let place = 0; place < known; place++) {
      const share = nearness(found.distances[first + place]!) - least + 1e-6;
      const seed = found.seeds[first + place]!;
      sum += share;
      a[cell] = a[cell]! + share * seeds.a[seed]!;
      b[cell] = b[cell]! + share * seeds.b[seed]!;
    }
    a[cell] = a[cell]! / sum;
    b[cell] = b[cell]! / sum;
  }
  return { weight, a, b };
}

function nearness(distance: number): number {
  return 1 / (distance + 0.002) ** 2;
}

/** The nearest seeds of different colours of each cell, the nearest first. */
interface Nearest {
  readonly counts: Uint8Array;
  /** [count, NEAREST]. */
  readonly distances: Float32Array;
  readonly seeds: Int32Array;
}

function findNearest({ width, height, lightness }: LightnessGrid, seeds: ColorSeeds): Nearest {
  const cells = width * height;
  const counts = new Uint8Array(cells);
  const distances = new Float32Array(cells * NEAREST);
  const nearest = new Int32Array(cells * NEAREST);
  const colors = colorsOf(seeds);
  const colorOf = new Int32Array(cells * NEAREST);
  const queue = new BucketQueue(BUCKETS, LIMIT * REACH, cells);
  seeds.cells.forEach((cell, seed) => queue.push(0, cell, seed));
  const across = 1 / Math.max(width, height);
  const steps = neighbours(width, across);
  while (queue.next()) {
    const { cell, seed, distance } = queue;
    const known = counts[cell]!;
    const first = cell * NEAREST;
    const color = colors[seed]!;
    if (known === NEAREST || includes(colorOf, color, first, first + known)) continue;
    distances[first + known] = distance;
    nearest[first + known] = seed;
    colorOf[first + known] = color;
    counts[cell] = known + 1;
    const x = cell % width;
    const light = lightness[cell]!;
    for (const { by, dx, length } of steps) {
      const next = cell + by;
      if (next < 0 || next >= cells || x + dx < 0 || x + dx >= width) continue;
      const there = counts[next]!;
      const start = next * NEAREST;
      if (there === NEAREST || includes(colorOf, color, start, start + there)) continue;
      const change = (lightness[next]! - light) / 100;
      queue.push(distance + length + EDGE_COST * change * change, next, seed);
    }
  }
  return { counts, distances, seeds: nearest };
}

/** The eight cells around one. */
function neighbours(width: number, across: number) {
  return [-1, 0, 1].flatMap((dy) =>
    [-1, 0, 1].filter((dx) => dx !== 0 || dy !== 0).map((dx) => ({
      dx,
      by: dy * width + dx,
      length: across * Math.hypot(dx, dy),
    }))
  );
}

function includes(values: Int32Array, value: number, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (values[at] === value) return true;
  return false;
}

/** A number for each seed, the same for colours that nobody tells apart. */
function colorsOf({ a, b }: ColorSeeds): Int32Array {
  const step = 4; // in a* and b*
  return Int32Array.from(
    a,
    (value, seed) => 1024 * Math.round(value / step) + Math.round(b[seed]! / step),
  );
}

/** Gives back what was put in, the least distance first, in steps of `limit / buckets`. */
class BucketQueue {
  /** What `next` found. */
  cell = 0;
  seed = 0;
  distance = 0;
  readonly #first: Int32Array;
  readonly #scale: number;
  #cells: Int32Array;
  #seeds: Int32Array;
  #distances: Float32Array;
  /** The entry after each in its bucket; of free ones, the next free one. */
  #following: Int32Array;
  #free = -1;
  #used = 0;
  #bucket = 0;

  constructor(buckets: number, limit: number, capacity: number) {
    this.#first = new Int32Array(buckets).fill(-1);
    this.#scale = buckets / limit;
    this.#cells = new Int32Array(capacity);
    this.#seeds = new Int32Array(capacity);
    this.#distances = new Float32Array(capacity);
    this.#following = new Int32Array(capacity);
  }

  /** Takes in an entry; not one that is beyond the limit. */
  push(distance: number, cell: number, seed: number): void {
    const bucket = (distance * this.#scale) | 0;
    if (bucket >= this.#first.length) return;
    let entry = this.#free;
    if (entry >= 0) this.#free = this.#following[entry]!;
    else {
      entry = this.#used++;
      if (entry === this.#cells.length) this.#grow();
    }
    this.#cells[entry] = cell;
    this.#seeds[entry] = seed;
    this.#distances[entry] = distance;
    this.#following[entry] = this.#first[bucket]!;
    this.#first[bucket] = entry;
  }

  /** Takes the nearest entry out. @returns whether there was one. */
  next(): boolean {
    while (this.#bucket < this.#first.length) {
      const entry = this.#first[this.#bucket]!;
      if (entry < 0) {
        this.#bucket++;
        continue;
      }
      this.#first[this.#bucket] = this.#following[entry]!;
      this.#following[entry] = this.#free;
      this.#free = entry;
      this.cell = this.#cells[entry]!;
      this.seed = this.#seeds[entry]!;
      this.distance = this.#distances[entry]!;
      return true;
    }
    return false;
  }

  #grow(): void {
    const twice = <T extends Int32Array | Float32Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    const length = 2 * this.#cells.length;
    this.#cells = twice(this.#cells, new Int32Array(length));
    this.#seeds = twice(this.#seeds, new Int32Array(length));
    this.#distances = twice(this.#distances, new Float32Array(length));
    this.#following = twice(this.#following, new Int32Array(length));
  }
}
