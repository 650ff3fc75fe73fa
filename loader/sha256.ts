// SHA-256 for hosts without node:crypto: verification must be synchronous, and Web Crypto is not. FIPS 180-4.

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of the
// first 8: computed, because the two tables would be longer than the algorithm.
const K = new Int32Array(64);
const INITIAL = new Int32Array(8);
for (let prime = 2, count = 0; count < 64; prime++) {
  let isPrime = true;
  for (let d = 2; d * d <= prime; d++) if (prime % d === 0) isPrime = false;
  if (!isPrime) continue;
  if (count < 8) INITIAL[count] = (Math.sqrt(prime) % 1) * 2 ** 32;
  K[count++] = (Math.cbrt(prime) % 1) * 2 ** 32;
}

// Here once and for all, so that a digest allocates nothing.
const state = new Int32Array(8);
const words = new Int32Array(64);
const block = new Uint8Array(64);
const view = new DataView(block.buffer);

/** The digest in hex. */
export function sha256Portable(bytes: Uint8Array): string {
  const { length } = bytes;
  state.set(INITIAL);
  let used = 0;

  const compress = (): void => {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(i * 4);
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15]!;
      const y = words[i - 2]!;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = (words[i - 16]! + s0 + words[i - 7]! + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + words[i]!) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    const sums = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i++) state[i] = (state[i]! + sums[i]!) | 0;
    used = 0;
  };

  for (let i = 0; i < length; i++) {
    block[used++] = bytes[i]!;
    if (used === 64) compress();
  }
  block[used++] = 0x80;
  if (used > 56) {
    block.fill(0, used);
    compress();
  }
  block.fill(0, used);
  view.setUint32(56, Math.floor(length / 2 ** 29));
  view.setUint32(60, length << 3);
  compress();

  let hex = "";
  for (let i = 0; i < 8; i++) hex += (state[i]! >>> 0).toString(16).padStart(8, "0");
  return hex;
}
