// i32: Shell's sort: strides that vary, compares and moves.
#include "kernel.h"
#define COUNT 30000
static i32 a[COUNT];
EXPORT(run) i32 run(i32 n) {
  i32 sum = 0;
  for (i32 round = 0; round < n; round++) {
    seed_ = round + 3;
    for (i32 i = 0; i < COUNT; i++) a[i] = (i32)next_u32();
    for (i32 gap = COUNT / 2; gap; gap /= 2)
      for (i32 i = gap; i < COUNT; i++) {
        i32 v = a[i], j = i;
        for (; j >= gap && a[j - gap] > v; j -= gap) a[j] = a[j - gap];
        a[j] = v;
      }
    for (i32 i = 1; i < COUNT; i++)
      if (a[i - 1] > a[i]) return -1;
    sum ^= a[100] + a[COUNT - 1];
  }
  return sum;
}
