// The order in which a page's functions stand in its text, for JavaScript files: gzip sees only the last 32 KiB, so functions
// that have much in common should be close together. Nothing else depends on where a function declaration stands.
//
// What functions have in common is measured by fingerprints, hashes of every 8 characters, of which half are kept. One
// function after the other is chosen: the one of whose fingerprints most are among those of the last 30,000 characters.

/** Characters that a fingerprint covers. */
const COVERED = 8;
/** One hash in so many is kept; chosen by its value, so that the same text always gives the same ones. */
const SAMPLED = 2;
/** What more functions than this have in common, gzip finds anywhere. */
const COMMON = 16;
/** A little less than gzip sees. */
const WINDOW = 30_000;
/** Choosing takes time with the square of their number, so more functions are ordered in groups. */
const MOST_FUNCTIONS = 6000;

/** The indices of `texts`, ordered. */
export function orderBySimilarity(texts: readonly string[]): number[] {
  const order: number[] = [];
  for (let start = 0; start < texts.length; start += MOST_FUNCTIONS) {
    for (const i of new Order(texts.slice(start, start + MOST_FUNCTIONS)).run()) order.push(start + i);
  }
  return order;
}

class Order {
  private readonly texts: readonly string[];
  /** Functions that share a fingerprint. */
  private readonly groups: number[][] = [];
  /** The groups of each function. */
  private readonly groupsOf: number[][];
  /** By group: how often its fingerprint is in the window. */
  private readonly inWindow: Uint32Array;
  /** By function: what it shares with the window. */
  private readonly score: Float64Array;

  constructor(texts: readonly string[]) {
    this.texts = texts;
    this.groupsOf = texts.map(() => []);
    this.group(fingerprints(texts));
    this.inWindow = new Uint32Array(this.groups.length);
    this.score = new Float64Array(texts.length);
  }

  run(): number[] {
    const { texts } = this;
    const rest = new Set(texts.keys());
    const order: number[] = [];
    let size = 0;
    let oldest = 0;
    for (let next = 0; rest.size > 0; next = this.best(rest)) {
      rest.delete(next);
      order.push(next);
      size += texts[next]!.length;
      this.enter(next);
      while (size > WINDOW && oldest < order.length - 1) {
        size -= texts[order[oldest]!]!.length;
        this.leave(order[oldest++]!);
      }
    }
    return order;
  }

  /** Longer functions have more in common with anything. */
  private best(rest: ReadonlySet<number>): number {
    let best = -1;
    let most = -1;
    for (const i of rest) {
      const score = this.score[i]! / Math.sqrt(this.texts[i]!.length);
      if (score > most) {
        best = i;
        most = score;
      }
    }
    return best;
  }

  private enter(i: number): void {
    for (const g of this.groupsOf[i]!) if (this.inWindow[g]!++ === 0) this.addScore(g, 1);
  }

  private leave(i: number): void {
    for (const g of this.groupsOf[i]!) if (--this.inWindow[g]! === 0) this.addScore(g, -1);
  }

  // Powers of two as weights: sums of them are exact, so what is added and taken away again leaves nothing behind.
  private addScore(g: number, sign: number): void {
    const members = this.groups[g]!;
    const weight = sign / (1 << (31 - Math.clz32(members.length)));
    for (const i of members) this.score[i]! += weight;
  }

  private group(prints: Float64Array): void {
    for (let start = 0; start < prints.length;) {
      const hash = Math.floor(prints[start]! / MOST_FUNCTIONS);
      const members: number[] = [];
      let end = start;
      for (; end < prints.length && Math.floor(prints[end]! / MOST_FUNCTIONS) === hash; end++) {
        const i = prints[end]! % MOST_FUNCTIONS;
        if (members[members.length - 1] !== i) members.push(i);
      }
      start = end;
      if (members.length < 2 || members.length > COMMON) continue;
      for (const i of members) this.groupsOf[i]!.push(this.groups.length);
      this.groups.push(members);
    }
  }
}

/** `hash * MOST_FUNCTIONS + index` of each fingerprint, sorted. */
function fingerprints(texts: readonly string[]): Float64Array {
  const prints = new Float64Array(texts.reduce((sum, { length }) => sum + length, 0));
  let count = 0;
  let leading = 1;
  for (let k = 0; k < COVERED; k++) leading = Math.imul(leading, FACTOR);
  texts.forEach((text, i) => {
    // A polynomial of the characters, from which the one that falls out is taken.
    let rolling = 0;
    for (let at = 0; at < text.length; at++) {
      rolling = (Math.imul(rolling, FACTOR) + text.charCodeAt(at)) | 0;
      if (at >= COVERED) rolling = (rolling - Math.imul(leading, text.charCodeAt(at - COVERED))) | 0;
      if (at < COVERED - 1) continue;
      const hash = Math.imul(rolling ^ (rolling >>> 15), 0x2c1b3c6d) >>> 0;
      if (hash % SAMPLED === 0) prints[count++] = hash * MOST_FUNCTIONS + i;
    }
  });
  return prints.slice(0, count).sort();
}

const FACTOR = 0x01000193;
