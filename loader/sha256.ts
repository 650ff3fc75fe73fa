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

// Here once and for all, so that a digest allocates nothing but its last blocks.
const state = new Int32Array(8);
const words = new Int32Array(64);

/** The digest in hex. */
export function sha256Portable(bytes: Uint8Array): string {
  const { length } = bytes;
  const whole = length & ~63;
  state.set(INITIAL);
  for (let at = 0; at < whole; at += 64) compress(bytes, at);
  // The bit 1, zeros, and the length in bits as 64-bit big-endian number, to the end of a block.
  const last = new Uint8Array(length - whole < 56 ? 64 : 128);
  last.set(bytes.subarray(whole));
  last[length - whole] = 0x80;
  const end = new DataView(last.buffer, last.length - 8);
  end.setUint32(0, Math.floor(length / 2 ** 29));
  end.setUint32(4, length << 3);
  for (let at = 0; at < last.length; at += 64) compress(last, at);

  let hex = "";
  for (let i = 0; i < 8; i++) hex += (state[i]! >>> 0).toString(16).padStart(8, "0");
  return hex;
}

// FAST: most hosts that need this only interpret, so variables rather than arrays, and nothing for each byte.
function compress(bytes: Uint8Array, at: number): void {
  const w = words;
  const k = K;
  for (let i = 0; i < 16; i++, at += 4)
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = s0 + w[i - 7]! + s1 + w[i - 16]!;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + k[i]! + w[i]!;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}
