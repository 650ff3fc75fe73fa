// calls: a sort that is given how to compare, as qsort is; which of two it is, nobody can guess.
#include "kernel.h"
#define COUNT 20000
typedef i32 Compare(const void *, const void *);
static i32 a[COUNT];
static i32 rising(const void *x, const void *y) { return (*(const i32 *)x > *(const i32 *)y) - (*(const i32 *)x < *(const i32 *)y); }
static i32 falling(const void *x, const void *y) { return rising(y, x); }
static void NOINLINE sift(u8 *base, u32 i, u32 count, Compare *compare) {
  for (u32 child; (child = 2 * i + 1) < count; i = child) {
    if (child + 1 < count && compare(base + 4 * child, base + 4 * child + 4) < 0) child++;
    i32 *x = (i32 *)(base + 4 * i), *y = (i32 *)(base + 4 * child), t = *x;
    if (compare(x, y) >= 0) return;
    *x = *y;
    *y = t;
  }
}
EXPORT(run) i32 run(i32 n) {
  i32 sum = 0;
  for (i32 round = 0; round < n; round++) {
    Compare *compare = round & 1 ? rising : falling;
    seed_ = round + 1;
    for (i32 i = 0; i < COUNT; i++) a[i] = (i32)(next_u32() >> 5);
    for (i32 i = COUNT / 2 - 1; i >= 0; i--) sift((u8 *)a, i, COUNT, compare);
    for (i32 i = COUNT - 1; i > 0; i--) {
      i32 t = a[0];
      a[0] = a[i];
      a[i] = t;
      sift((u8 *)a, 0, i, compare);
    }
    sum = sum * 7 + a[100];
  }
  return sum;
}
