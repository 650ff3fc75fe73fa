// i64: PCG32, one full 64-bit multiply-add per number and a variable 32-bit rotate.
#include "kernel.h"
EXPORT(run) i32 run(i32 n) {
  u64 state = 0x853c49e6748fea9bull, sum = 0;
  for (i32 i = 0; i < n * 1000; i++) {
    u64 old = state;
    state = old * 6364136223846793005ull + 1442695040888963407ull;
    u32 x = (u32)(((old >> 18) ^ old) >> 27), r = (u32)(old >> 59);
    sum += x >> r | x << (-r & 31);
  }
  return fold(sum);
}
