// f64: sines by a polynomial: whole turns are taken off by way of an integer, as C programs do.
#include "kernel.h"
EXPORT(run) f64 run(i32 n) {
  f64 sum = 0;
  for (i32 i = 0; i < n; i++) {
    f64 x = i * 0.001;
    x -= (i32)(x * 0.15915494309189535) * 6.283185307179586;
    f64 y = x * x;
    sum += x * (1 - y * (1.0 / 6 - y * (1.0 / 120 - y * (1.0 / 5040 - y * (1.0 / 362880)))));
  }
  return sum;
}
