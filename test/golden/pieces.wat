;; --set outlineLimit=420
;; A function above the limit, here absurdly low: the loop's largest arm becomes a function of its own, `f0_1`. It is given
;; what it reads, leaves what the loop reads again in the fields of L0, and returns where to go on.
(module
  (memory 1)
  (func (export "run") (param $pc i32) (param $acc i32) (result i32)
    (local $op i32)
    (loop $next
      (block $fault
        (block $add
          (block $sum
            (block $halt
              (local.set $op (i32.load8_u (local.get $pc)))
              (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
              (br_table $halt $sum $add $fault (local.get $op)))
            (return (local.get $acc)))
          (br_if $fault (i32.eqz (i32.load (local.get $acc))))
          (i32.store offset=4 (local.get $acc)
            (i32.add (i32.load offset=8 (local.get $acc)) (i32.load offset=12 (local.get $acc))))
          (i32.store offset=16 (local.get $acc)
            (i32.mul (i32.load offset=20 (local.get $acc)) (i32.load offset=24 (local.get $acc))))
          (local.set $acc (i32.xor (i32.load offset=4 (local.get $acc)) (i32.load offset=16 (local.get $acc))))
          (local.set $pc (i32.add (local.get $pc) (i32.load8_u (local.get $pc))))
          (br $next))
        (local.set $acc (i32.add (local.get $acc) (i32.load8_s (local.get $pc))))
        (br $next)))
    (i32.const -1)))
