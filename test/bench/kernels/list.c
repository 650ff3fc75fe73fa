// memory: a shuffled linked list, walked and relinked; one dependent load after the other.
#include "kernel.h"
#define COUNT 4096
typedef struct Node { struct Node *next; i32 value; u8 flag; } Node;
static Node nodes[COUNT];
EXPORT(run) i32 run(i32 n) {
  seed_ = 77;
  static u16 order[COUNT];
  for (u32 i = 0; i < COUNT; i++) order[i] = (u16)i;
  for (u32 i = COUNT - 1; i > 0; i--) {
    u32 j = next_u32() % (i + 1);
    u16 t = order[i]; order[i] = order[j]; order[j] = t;
  }
  for (u32 i = 0; i < COUNT; i++) {
    nodes[order[i]].next = i + 1 < COUNT ? &nodes[order[i + 1]] : 0;
    nodes[order[i]].value = (i32)i;
    nodes[order[i]].flag = i & 1;
  }
  Node *head = &nodes[order[0]];
  u32 sum = 0;
  for (i32 round = 0; round < n; round++) {
    for (Node *p = head; p; p = p->next) {
      sum += p->value;
      if (p->flag) sum ^= sum << 3;
    }
    if ((round & 15) == 0) { // reverse
      Node *previous = 0;
      for (Node *p = head; p;) {
        Node *next = p->next;
        p->next = previous;
        previous = p;
        p = next;
      }
      head = previous;
    }
  }
  return (i32)sum;
}
