// i64: xxHash64 of a 64 KiB buffer: 64-bit multiply, rotate, add, from memory.
#include "kernel.h"
#define P1 11400714785074694791ull
#define P2 14029467366897019727ull
#define P3 1609587929392839161ull
#define P4 9650029242287828579ull
#define P5 2870177450012600261ull
#define ROTL(x, b) ((x) << (b) | (x) >> (64 - (b)))
static u64 data[8192];
static inline u64 lane(u64 acc, u64 input) { return ROTL(acc + input * P2, 31) * P1; }
static inline u64 merge(u64 acc, u64 v) { return (acc ^ lane(0, v)) * P1 + P4; }
static NOINLINE u64 xxh64(const u64 *p, u32 words, u64 seed) {
  u64 v1 = seed + P1 + P2, v2 = seed + P2, v3 = seed, v4 = seed - P1, h;
  u32 i = 0;
  for (; i + 4 <= words; i += 4) {
    v1 = lane(v1, p[i]);
    v2 = lane(v2, p[i + 1]);
    v3 = lane(v3, p[i + 2]);
    v4 = lane(v4, p[i + 3]);
  }
  h = ROTL(v1, 1) + ROTL(v2, 7) + ROTL(v3, 12) + ROTL(v4, 18);
  h = merge(merge(merge(merge(h, v1), v2), v3), v4);
  h += words * 8;
  for (; i < words; i++) h = ROTL(h ^ lane(0, p[i]), 27) * P1 + P4;
  h ^= h >> 33;
  h *= P2;
  h ^= h >> 29;
  h *= P3;
  return h ^ h >> 32;
}
EXPORT(run) i32 run(i32 n) {
  for (u32 i = 0; i < 8192; i++) data[i] = i * P5 + P4;
  u64 h = 0;
  for (i32 i = 0; i < n; i++) h = xxh64(data, 8190, h);
  return fold(h);
}
