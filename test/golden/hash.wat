;; One lane of a hash for V8: what a loop carries in a cell, what one round needs in variables.
;; --set target=v8
(module
  (memory (export "memory") 1)
  (func (export "hash") (param $seed i64) (param $p i32) (param $end i32) (result i64)
    (local $x i64)
    (loop $round
      (local.set $x (i64.mul (i64.load (local.get $p)) (i64.const 0xc2b2ae3d27d4eb4f)))
      (local.set $seed
        (i64.mul (i64.rotl (i64.add (local.get $seed) (local.get $x)) (i64.const 31)) (i64.const 0x9e3779b185ebca87)))
      (br_if $round (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 8))) (local.get $end))))
    (local.get $seed)))
