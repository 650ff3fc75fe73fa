// allocation: binary trees built, counted and freed over a free-list allocator.
#include "kernel.h"
typedef struct Tree { struct Tree *left, *right; } Tree;
static Tree pool[1 << 16];
static Tree *free_list;
static NOINLINE Tree *build(i32 depth) {
  Tree *t = free_list;
  free_list = t->left;
  t->left = depth ? build(depth - 1) : 0;
  t->right = depth ? build(depth - 1) : 0;
  return t;
}
static NOINLINE i32 count(const Tree *t) { return t->left ? 1 + count(t->left) + count(t->right) : 1; }
static NOINLINE void release(Tree *t) {
  if (t->left) {
    release(t->left);
    release(t->right);
  }
  t->left = free_list;
  free_list = t;
}
EXPORT(run) i32 run(i32 n) {
  free_list = 0;
  for (u32 i = 0; i < sizeof pool / sizeof pool[0]; i++) {
    pool[i].left = free_list;
    free_list = &pool[i];
  }
  u32 sum = 0;
  for (i32 i = 0; i < n; i++) {
    Tree *t = build(14 - (i & 3));
    sum = sum * 31 + count(t);
    release(t);
  }
  return (i32)sum;
}
