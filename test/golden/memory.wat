;; Addresses: the first access through $p has to be exact for p = -4; behind it, p is known to be in bounds. An i64 store
;; writes its high half first, since that is the half that may be out of bounds alone.
(module
  (memory (export "memory") 1)
  (func (export "copy") (param $to i32) (param $p i32)
    (i32.store offset=4 (local.get $to) (i32.load offset=8 (local.get $p)))
    (i32.store offset=12 (local.get $to) (i32.load offset=16 (local.get $p)))
    (i64.store offset=24 (local.get $to) (i64.load offset=24 (local.get $p))))
  (func (export "length") (param $s i32) (result i32)
    (local $p i32)
    (local.set $p (local.get $s))
    (loop $next
      (if (i32.load8_u (local.get $p))
        (then
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (br $next))))
    (i32.sub (local.get $p) (local.get $s))))
