;; Tells what stdin, stdout and stderr are: one line of raw bytes on stderr for each would be unreadable, so three letters are
;; written, 'a' plus the file type, and a fourth, 'a' plus 1 for each that libc would take for a terminal.
(module
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 107) "a")
  (func (export "_start") (local $fd i32)
    (loop $next
      (drop (call $fd_fdstat_get (local.get $fd) (i32.const 0)))
      (i32.store8 offset=104 (local.get $fd) (i32.add (i32.const 97) (i32.load8_u (i32.const 0))))
      ;; a character device without the rights to seek (4) and tell (32)
      (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 2))
        (then (if (i64.eqz (i64.and (i64.load (i32.const 8)) (i64.const 36)))
          (then (i32.store8 (i32.const 107) (i32.add (i32.load8_u (i32.const 107)) (i32.const 1)))))))
      (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $fd) (i32.const 3))))
    (i32.store (i32.const 64) (i32.const 104))
    (i32.store (i32.const 68) (i32.const 4))
    (drop (call $fd_write (i32.const 2) (i32.const 64) (i32.const 1) (i32.const 72)))))
