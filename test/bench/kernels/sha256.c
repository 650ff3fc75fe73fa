// i32: SHA-256 blocks: rotations by constants, long sums, a message schedule on the stack.
#include "kernel.h"
#define ROTR(x, k) ((x) >> (k) | (x) << (32 - (k)))
static u32 constants[64], state[8];
static void compress(const u32 block[16]) {
  u32 w[64];
  for (i32 i = 0; i < 16; i++) w[i] = block[i];
  for (i32 i = 16; i < 64; i++) {
    u32 x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + (ROTR(x, 7) ^ ROTR(x, 18) ^ x >> 3) + w[i - 7] + (ROTR(y, 17) ^ ROTR(y, 19) ^ y >> 10);
  }
  u32 a = state[0], b = state[1], c = state[2], d = state[3];
  u32 e = state[4], f = state[5], g = state[6], h = state[7];
  for (i32 i = 0; i < 64; i++) {
    u32 s = h + (ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    u32 t = (ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + s;
    d = c, c = b, b = a, a = s + t;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}
EXPORT(run) i32 run(i32 n) {
  u32 block[16];
  seed_ = 9;
  for (i32 i = 0; i < 64; i++) constants[i] = next_u32();
  for (i32 i = 0; i < 8; i++) state[i] = i;
  for (i32 round = 0; round < n; round++) {
    for (i32 i = 0; i < 16; i++) block[i] = next_u32();
    compress(block);
  }
  return (i32)(state[0] ^ state[7]);
}
