// br_table: a bytecode interpreter with an operand stack, running a nested loop; one dispatch per instruction.
#include "kernel.h"
enum { PUSH, LOAD, STORE, ADD, SUB, MUL, AND, XOR, SHL, SHR, LT, JZ, JMP, DUP, DROP, SWAP, INC, HALT };
static i32 stack[64];
static i32 vars[16];
// for (i = 0; i < n; i++) for (j = 0; j < 1000; j++) acc = (acc * 31 + (i ^ j)) - (acc >> 5 & 255);
static i32 program[] = {
  PUSH, 0, STORE, 0,                                     // i = 0
  LOAD, 0, LOAD, 3, LT, JZ, 52,                          // 4: i < n ?
  PUSH, 0, STORE, 1,                                     // 11: j = 0
  LOAD, 1, PUSH, 1000, LT, JZ, 48,                       // 15: j < 1000 ?
  LOAD, 2, DUP, PUSH, 31, MUL,                           // 22
  LOAD, 0, LOAD, 1, XOR, ADD, SWAP,                      // 28
  PUSH, 5, SHR, PUSH, 255, AND, SUB, STORE, 2,           // 35
  INC, 1, JMP, 15,                                       // 44
  INC, 0, JMP, 4,                                        // 48
  HALT,                                                  // 52
};
static NOINLINE i32 execute(const i32 *code) {
  i32 *sp = stack;
  for (i32 pc = 0;;) {
    switch (code[pc++]) {
      case PUSH: *sp++ = code[pc++]; break;
      case LOAD: *sp++ = vars[code[pc++]]; break;
      case STORE: vars[code[pc++]] = *--sp; break;
      case ADD: sp--; sp[-1] += sp[0]; break;
      case SUB: sp--; sp[-1] -= sp[0]; break;
      case MUL: sp--; sp[-1] *= sp[0]; break;
      case AND: sp--; sp[-1] &= sp[0]; break;
      case XOR: sp--; sp[-1] ^= sp[0]; break;
      case SHL: sp--; sp[-1] <<= sp[0] & 31; break;
      case SHR: sp--; sp[-1] = (i32)((u32)sp[-1] >> (sp[0] & 31)); break;
      case LT: sp--; sp[-1] = sp[-1] < sp[0]; break;
      case JZ: if (*--sp) pc++; else pc = code[pc]; break;
      case JMP: pc = code[pc]; break;
      case DUP: sp[0] = sp[-1]; sp++; break;
      case DROP: sp--; break;
      case SWAP: { i32 t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; break; }
      case INC: vars[code[pc++]]++; break;
      default: return vars[2];
    }
  }
}
EXPORT(run) i32 run(i32 n) {
  vars[2] = 1;
  vars[3] = n;
  return execute(program);
}
