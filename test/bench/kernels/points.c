// f64: least distance of points: doubles that happen to be whole numbers.
#include "kernel.h"
#define COUNT 500
static f64 x[COUNT], y[COUNT];
EXPORT(run) f64 run(i32 n) {
  f64 sum = 0;
  seed_ = 2;
  for (i32 i = 0; i < COUNT; i++) {
    x[i] = next_u32() >> 16;
    y[i] = next_u32() >> 16;
  }
  for (i32 round = 0; round < n; round++) {
    f64 least = 1e300;
    for (i32 i = 0; i < COUNT; i++)
      for (i32 j = i + 1; j < COUNT; j++) {
        f64 dx = x[i] - x[j], dy = y[i] - y[j], distance = dx * dx + dy * dy;
        if (distance < least) least = distance;
      }
    sum += least;
    x[round % COUNT] += 1;
  }
  return sum;
}
