;; A WASI command in a page of text: counts the lines, words and bytes of stdin, as wc does. Exits with 1 on a read error.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  ;; 0: an iovec, 8: the number of bytes read or written, 64: text of numbers, 65536: the buffer
  (global $end (mut i32) (i32.const 128))

  (func (export "_start")
    (local $lines i64) (local $words i64) (local $bytes i64)
    (local $at i32) (local $char i32) (local $in_word i32)
    (block $eof
      (loop $read
        (i32.store (i32.const 0) (i32.const 65536))
        (i32.store (i32.const 4) (i32.const 65536))
        (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
          (then (call $proc_exit (i32.const 1))))
        (br_if $eof (i32.eqz (i32.load (i32.const 8))))
        (local.set $bytes (i64.add (local.get $bytes) (i64.load32_u (i32.const 8))))
        (local.set $at (i32.const 0))
        (loop $next
          (local.set $char (i32.load8_u offset=65536 (local.get $at)))
          (local.set $lines
            (i64.add (local.get $lines) (i64.extend_i32_u (i32.eq (local.get $char) (i32.const 10)))))
          (if (i32.le_u (local.get $char) (i32.const 32))
            (then (local.set $in_word (i32.const 0)))
            (else
              (local.set $words
                (i64.add (local.get $words) (i64.extend_i32_u (i32.eqz (local.get $in_word)))))
              (local.set $in_word (i32.const 1))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $at) (i32.load (i32.const 8)))))
        (br $read)))
    ;; Written from the end backwards: newline, bytes, words, lines.
    (call $put (i32.const 10))
    (call $number (local.get $bytes))
    (call $put (i32.const 32))
    (call $number (local.get $words))
    (call $put (i32.const 32))
    (call $number (local.get $lines))
    (i32.store (i32.const 0) (global.get $end))
    (i32.store (i32.const 4) (i32.sub (i32.const 128) (global.get $end)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func $number (param $n i64)
    (loop $digit
      (call $put (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10)))))
      (local.set $n (i64.div_u (local.get $n) (i64.const 10)))
      (br_if $digit (i64.ne (local.get $n) (i64.const 0)))))

  (func $put (param $char i32)
    (global.set $end (i32.sub (global.get $end) (i32.const 1)))
    (i32.store8 (global.get $end) (local.get $char))))
