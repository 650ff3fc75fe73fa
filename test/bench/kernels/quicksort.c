// i32: recursive quicksort with insertion sort below 16 elements.
#include "kernel.h"
#define COUNT 40000
static i32 values[COUNT];
static NOINLINE void sort(i32 *a, i32 low, i32 high) {
  while (high - low > 16) {
    i32 pivot = a[(low + high) >> 1], i = low, j = high;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i <= j) {
        i32 t = a[i];
        a[i++] = a[j];
        a[j--] = t;
      }
    }
    if (j - low < high - i) {
      sort(a, low, j);
      low = i;
    } else {
      sort(a, i, high);
      high = j;
    }
  }
  for (i32 i = low + 1; i <= high; i++) {
    i32 v = a[i], j = i - 1;
    while (j >= low && a[j] > v) {
      a[j + 1] = a[j];
      j--;
    }
    a[j + 1] = v;
  }
}
EXPORT(run) i32 run(i32 n) {
  u32 sum = 0;
  seed_ = 99;
  for (i32 round = 0; round < n; round++) {
    for (i32 i = 0; i < COUNT; i++) values[i] = (i32)next_u32();
    sort(values, 0, COUNT - 1);
    for (i32 i = 1; i < COUNT; i++) {
      if (values[i - 1] > values[i]) return -1;
      sum = sum * 33 + values[i];
    }
  }
  return (i32)sum;
}
