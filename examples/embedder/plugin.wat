;; A plug-in: goes through a text word by word and asks its host about each. Has no allocator, so the host gives it a heap.
(module
  (import "host" "judge" (func $judge (param $word i32) (param $length i32) (result i32)))
  (import "host" "log" (func $log (param $message i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 16) "text checked\00")

  (func $isLetter (param $byte i32) (result i32)
    (i32.lt_u (i32.sub (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x61)) (i32.const 26)))

  ;; How many words of the string the host objected to.
  (func (export "check") (param $text i32) (result i32)
    (local $start i32) (local $at i32) (local $found i32)
    (local.set $at (local.get $text))
    (loop $words
      (local.set $start (local.get $at))
      (block $wordEnds
        (loop $letters
          (br_if $wordEnds (i32.eqz (call $isLetter (i32.load8_u (local.get $at)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $letters)))
      (if (i32.gt_u (local.get $at) (local.get $start))
        (then
          (local.set $found
            (i32.add
              (local.get $found)
              (call $judge (local.get $start) (i32.sub (local.get $at) (local.get $start)))))))
      (if (i32.load8_u (local.get $at))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $words))))
    (call $log (i32.const 16))
    (local.get $found))

  ;; What a broken or malicious plug-in might do.
  (func (export "cheat") (result i32)
    (call $judge (i32.const 65000) (i32.const 1000000))))
