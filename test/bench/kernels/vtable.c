// indirect calls: objects of eight classes with three virtual methods of two signatures, in shuffled order.
#include "kernel.h"
#define COUNT 1024
typedef struct Shape Shape;
typedef struct { i32 (*area)(Shape *); i32 (*scale)(Shape *, i32); f64 (*weight)(Shape *, f64); } Class;
struct Shape { const Class *class; i32 a, b; };
#define CLASS(k, AREA, SCALE, WEIGHT) \
  static i32 area##k(Shape *s) { return AREA; } \
  static i32 scale##k(Shape *s, i32 by) { SCALE; return s->a; } \
  static f64 weight##k(Shape *s, f64 w) { return WEIGHT; } \
  static const Class class##k = { area##k, scale##k, weight##k };
CLASS(0, s->a * s->b, s->a += by, w + s->a * 0.5)
CLASS(1, s->a * s->a, s->a ^= by, w * 0.5 + s->b)
CLASS(2, s->a + s->b, s->b += by; s->a -= 1, w - s->b)
CLASS(3, (s->a * s->b) >> 1, s->a = s->a * 3 + by, w * 0.25)
CLASS(4, s->b * 3, s->a = s->b; s->b = by, s->a - w * 0.125)
CLASS(5, s->a ^ s->b, s->a = (s->a & 1023) + by, w + 1)
CLASS(6, s->a - s->b, s->a >>= 1, w * 0.75 + s->a)
CLASS(7, ~s->a, s->b ^= s->a; s->a++, s->b)
static const Class *const classes[] = { &class0, &class1, &class2, &class3, &class4, &class5, &class6, &class7 };
static Shape shapes[COUNT];
EXPORT(run) f64 run(i32 n) {
  seed_ = 5;
  for (u32 i = 0; i < COUNT; i++) shapes[i] = (Shape){ classes[next_u32() >> 7 & 7], (i32)(i & 63), (i32)(i >> 3) };
  u32 sum = 0;
  f64 w = 0;
  for (i32 round = 0; round < n; round++)
    for (u32 i = 0; i < COUNT; i++) {
      Shape *s = &shapes[i];
      sum = sum * 7 + s->class->area(s);
      sum ^= s->class->scale(s, round & 15);
      w = s->class->weight(s, w) * 0.5;
    }
  return w + sum;
}
