// i64: the SHA-512 compression function (constants from a generator, not the standard's: the work is the same).
#include "kernel.h"
#define ROTR(x, b) ((x) >> (b) | (x) << (64 - (b)))
static u64 k[80], w[80], state[8], block[16];
static NOINLINE void compress(void) {
  for (int i = 0; i < 16; i++) w[i] = block[i];
  for (int i = 16; i < 80; i++) {
    u64 s0 = ROTR(w[i - 15], 1) ^ ROTR(w[i - 15], 8) ^ w[i - 15] >> 7;
    u64 s1 = ROTR(w[i - 2], 19) ^ ROTR(w[i - 2], 61) ^ w[i - 2] >> 6;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  u64 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 80; i++) {
    u64 t1 = h + (ROTR(e, 14) ^ ROTR(e, 18) ^ ROTR(e, 41)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
    u64 t2 = (ROTR(a, 28) ^ ROTR(a, 34) ^ ROTR(a, 39)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}
EXPORT(run) i32 run(i32 n) {
  u64 x = 0x428a2f98d728ae22ull;
  for (int i = 0; i < 80; i++) { k[i] = x; x = x * 6364136223846793005ull + 1442695040888963407ull; }
  for (int i = 0; i < 8; i++) state[i] = k[i] ^ k[i + 8];
  for (i32 i = 0; i < n; i++) {
    for (int j = 0; j < 16; j++) block[j] = state[j & 7] + i + j;
    compress();
  }
  u64 sum = 0;
  for (int i = 0; i < 8; i++) sum = sum * 31 + state[i];
  return fold(sum);
}
