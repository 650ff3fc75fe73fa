// Names for the trap codes of trap.ts, in its order (a test compares the two). In a file of its own, because importing a const
// enum leaves nothing in the output, whereas the enum object would be in every bundle that contains the messages.

export const enum TrapCode {
  unreachable = 0,
  integerDivideByZero = 1,
  integerOverflow = 2,
  invalidConversionToInteger = 3,
  outOfBoundsMemoryAccess = 4,
  outOfBoundsTableAccess = 5,
  undefinedElement = 6,
  uninitializedElement = 7,
  indirectCallTypeMismatch = 8,
  callStackExhausted = 9,
  nullFunctionReference = 10,
  nullReference = 11,
  castFailure = 12,
  outOfBoundsArrayAccess = 13,
  nullI31Reference = 14,
  nullStructureReference = 15,
  nullArrayReference = 16,
  unalignedAtomic = 17,
  expectedSharedMemory = 18,
  uncaughtException = 19,
  unlinkedImportCalled = 20,
  outOfMemory = 21,
  interrupted = 22,
}
