// f32: a sphere ray tracer with one reflection: loads and stores of floats, square roots, divisions, calls.
#include "kernel.h"
typedef struct { f32 x, y, z; } Vec;
typedef struct { Vec center; f32 radius, shade; } Sphere;
static Sphere spheres[12];
static inline Vec sub(Vec a, Vec b) { return (Vec){ a.x - b.x, a.y - b.y, a.z - b.z }; }
static inline Vec along(Vec a, Vec b, f32 t) { return (Vec){ a.x + b.x * t, a.y + b.y * t, a.z + b.z * t }; }
static inline f32 dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline Vec unit(Vec a) {
  f32 s = 1.0f / __builtin_sqrtf(dot(a, a));
  return (Vec){ a.x * s, a.y * s, a.z * s };
}
static NOINLINE f32 trace(Vec *origin, Vec *direction, i32 depth) {
  f32 best = 1e30f;
  i32 hit = -1;
  for (i32 i = 0; i < 12; i++) {
    Vec oc = sub(*origin, spheres[i].center);
    f32 b = dot(oc, *direction), c = dot(oc, oc) - spheres[i].radius * spheres[i].radius, d = b * b - c;
    if (d <= 0) continue;
    f32 t = -b - __builtin_sqrtf(d);
    if (t > 1e-3f && t < best) {
      best = t;
      hit = i;
    }
  }
  if (hit < 0) return 0.2f + 0.3f * direction->y;
  Vec p = along(*origin, *direction, best), normal = unit(sub(p, spheres[hit].center));
  f32 light = normal.x * 0.5f + normal.y * 0.7f - normal.z * 0.5f;
  f32 color = spheres[hit].shade * (light > 0 ? 0.1f + light : 0.1f);
  if (depth) {
    Vec r = along(*direction, normal, -2.0f * dot(*direction, normal));
    color += 0.3f * trace(&p, &r, depth - 1);
  }
  return color;
}
EXPORT(run) f64 run(i32 n) {
  seed_ = 2024;
  for (i32 i = 0; i < 12; i++) {
    spheres[i].center = (Vec){ (f32)(next_u32() % 800) / 100 - 4, (f32)(next_u32() % 600) / 100 - 3, 4 + (f32)(next_u32() % 600) / 100 };
    spheres[i].radius = 0.5f + (f32)(next_u32() % 100) / 100;
    spheres[i].shade = 0.3f + (f32)i / 20;
  }
  f64 sum = 0;
  for (i32 y = 0; y < n; y++)
    for (i32 x = 0; x < n; x++) {
      Vec origin = { 0, 0, -4 }, direction = unit((Vec){ (f32)(x * 2 - n) / n, (f32)(n - y * 2) / n, 1.0f });
      sum += trace(&origin, &direction, 3);
    }
  return sum;
}
