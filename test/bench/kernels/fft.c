// f64: in-place radix-2 FFT of 4096 complex numbers, forward and inverse.
#include "kernel.h"
#define SIZE 4096
static f64 re[SIZE], im[SIZE], cosine[SIZE / 2], sine[SIZE / 2];
static NOINLINE void fft(f64 sign) {
  for (u32 i = 1, j = 0; i < SIZE; i++) {
    u32 bit = SIZE >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      f64 t = re[i]; re[i] = re[j]; re[j] = t;
      t = im[i]; im[i] = im[j]; im[j] = t;
    }
  }
  for (u32 half = 1, stride = SIZE / 2; half < SIZE; half <<= 1, stride >>= 1)
    for (u32 start = 0; start < SIZE; start += half * 2)
      for (u32 k = 0; k < half; k++) {
        f64 wr = cosine[k * stride], wi = sign * sine[k * stride];
        u32 p = start + k, q = p + half;
        f64 xr = re[q] * wr - im[q] * wi, xi = re[q] * wi + im[q] * wr;
        re[q] = re[p] - xr;
        im[q] = im[p] - xi;
        re[p] += xr;
        im[p] += xi;
      }
}
EXPORT(run) f64 run(i32 n) {
  // e^(2 pi i k / SIZE) by repeated multiplication: accurate enough for a checksum and free of a C library
  f64 c = 1, s = 0, dc = 0.9999988234517019, ds = 0.0015339801862847655;
  for (u32 i = 0; i < SIZE / 2; i++) {
    cosine[i] = c;
    sine[i] = s;
    f64 t = c * dc - s * ds;
    s = c * ds + s * dc;
    c = t;
  }
  seed_ = 31;
  for (u32 i = 0; i < SIZE; i++) {
    re[i] = (f64)(i32)next_u32() / 65536;
    im[i] = 0;
  }
  for (i32 i = 0; i < n; i++) {
    fft(1);
    fft(-1);
    for (u32 k = 0; k < SIZE; k++) {
      re[k] /= SIZE;
      im[k] /= SIZE;
    }
  }
  f64 sum = 0;
  for (u32 i = 0; i < SIZE; i++) sum = sum * 0.5 + re[i] + im[i];
  return sum;
}
