// i64: xoshiro256** and a variable 64-bit rotate: shifts whose count is not a constant.
#include "kernel.h"
static inline u64 rotl(u64 x, u32 b) { return x << (b & 63) | x >> (-b & 63); }
EXPORT(run) i32 run(i32 n) {
  u64 s0 = 0x9e3779b97f4a7c15ull, s1 = 0xbf58476d1ce4e5b9ull, s2 = 0x94d049bb133111ebull, s3 = 42, sum = 0;
  for (i32 i = 0; i < n * 1000; i++) {
    u64 result = rotl(s1 * 5, 7) * 9, t = s1 << 17;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotl(s3, 45);
    sum = rotl(sum, (u32)result) + result;
  }
  return fold(sum);
}
