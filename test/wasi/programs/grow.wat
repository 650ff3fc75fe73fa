;; Grows its memory between calls and writes from the new pages, then from beyond them: exits with that error number.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 256) "grown")
  (func (export "_start") (local $i i32)
    (loop $more
      (drop (call $random_get (i32.const 4096) (i32.const 16)))
      (drop (memory.grow (i32.const 3)))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
    (memory.copy (i32.const 1000000) (i32.const 256) (i32.const 5))
    (i32.store (i32.const 0) (i32.const 1000000))
    (i32.store (i32.const 4) (i32.const 5))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $proc_exit (i32.ne (call $fd_write (i32.const 1) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 4)) (i32.const 1) (i32.const 8)) (i32.const 0)))))
