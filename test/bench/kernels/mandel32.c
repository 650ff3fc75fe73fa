// f32: the Mandelbrot set with single precision arithmetic.
#include "kernel.h"
EXPORT(run) i32 run(i32 n) {
  u32 sum = 0;
  for (i32 y = 0; y < n; y++)
    for (i32 x = 0; x < n; x++) {
      f32 cr = 3.0f * (f32)x / (f32)n - 2.0f, ci = 2.4f * (f32)y / (f32)n - 1.2f, zr = 0, zi = 0;
      u32 k = 0;
      for (; k < 100; k++) {
        f32 a = zr * zr, b = zi * zi;
        if (a + b > 4.0f) break;
        zi = 2.0f * zr * zi + ci;
        zr = a - b + cr;
      }
      sum = sum * 31 + k;
    }
  return (i32)sum;
}
