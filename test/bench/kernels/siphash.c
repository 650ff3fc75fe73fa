// i64: SipHash-2-4 of many short messages: add, xor and constant 64-bit rotates.
#include "kernel.h"
#define ROTL(x, b) ((x) << (b) | (x) >> (64 - (b)))
#define ROUND v0 += v1; v1 = ROTL(v1, 13); v1 ^= v0; v0 = ROTL(v0, 32); v2 += v3; v3 = ROTL(v3, 16); v3 ^= v2; \
  v0 += v3; v3 = ROTL(v3, 21); v3 ^= v0; v2 += v1; v1 = ROTL(v1, 17); v1 ^= v2; v2 = ROTL(v2, 32);
static u64 message[64];
static NOINLINE u64 siphash(const u64 *in, u32 words, u64 k0, u64 k1) {
  u64 v0 = k0 ^ 0x736f6d6570736575ull, v1 = k1 ^ 0x646f72616e646f6dull;
  u64 v2 = k0 ^ 0x6c7967656e657261ull, v3 = k1 ^ 0x7465646279746573ull;
  for (u32 i = 0; i < words; i++) {
    u64 m = in[i];
    v3 ^= m;
    ROUND ROUND
    v0 ^= m;
  }
  u64 last = (u64)(words * 8) << 56;
  v3 ^= last;
  ROUND ROUND
  v0 ^= last;
  v2 ^= 0xff;
  ROUND ROUND ROUND ROUND
  return v0 ^ v1 ^ v2 ^ v3;
}
EXPORT(run) i32 run(i32 n) {
  for (u32 i = 0; i < 64; i++) message[i] = i * 0x0101010101010101ull + 7;
  u64 sum = 1;
  for (i32 i = 0; i < n; i++) sum = siphash(message, 8 + (i & 31), sum, sum ^ i);
  return fold(sum);
}
