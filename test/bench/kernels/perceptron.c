// f32: layers of a neural network: short scalar products, each of which may begin before the one before it is done.
#include "kernel.h"
#define WIDTH 64
static f32 weights[WIDTH][WIDTH], layer[WIDTH], next[WIDTH];
EXPORT(run) f32 run(i32 n) {
  seed_ = 3;
  for (i32 i = 0; i < WIDTH; i++)
    for (i32 j = 0; j < WIDTH; j++) weights[i][j] = (i32)(next_u32() >> 20) * 0.0005f - 1;
  for (i32 i = 0; i < WIDTH; i++) layer[i] = i * 0.01f;
  for (i32 round = 0; round < n; round++) {
    for (i32 i = 0; i < WIDTH; i++) {
      f32 sum = 0;
      for (i32 j = 0; j < WIDTH; j++) sum += weights[i][j] * layer[j];
      next[i] = sum > 0 ? sum * 0.03f : sum * 0.001f;
    }
    for (i32 i = 0; i < WIDTH; i++) layer[i] = next[i] + 0.01f;
  }
  return layer[7];
}
