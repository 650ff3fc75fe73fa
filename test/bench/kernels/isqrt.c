// i64: integer square roots bit by bit: shifts, comparisons that hold without pattern, and one of two values chosen.
#include "kernel.h"
static u64 isqrt(u64 x) {
  u64 bit = 1ull << 62, root = 0;
  while (bit > x) bit >>= 2;
  while (bit) {
    if (x >= root + bit) {
      x -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
    bit >>= 2;
  }
  return root;
}
EXPORT(run) i32 run(i32 n) {
  u64 sum = 0;
  seed_ = 4;
  for (i32 i = 0; i < n; i++) {
    u64 high = next_u32();
    sum += isqrt(high << 32 | next_u32());
  }
  return fold(sum);
}
