// i64: the longest Collatz sequence: one of two cheap values, chosen without pattern, and compared with a constant.
#include "kernel.h"
EXPORT(run) i32 run(i32 n) {
  u32 longest = 0, at = 0;
  for (i32 i = 1; i < n; i++) {
    u32 steps = 0;
    for (u64 x = i; x != 1; steps++) x = x & 1 ? x * 3 + 1 : x >> 1;
    if (steps > longest) {
      longest = steps;
      at = i;
    }
  }
  return (i32)(at * 1000 + longest);
}
