;; --set target=hermes
;; Memory as elements of typed arrays, for engines without a JIT. The loop's counter is known to stay inside the memory and
;; aligned: it becomes an index. Of the addresses in "sum" nothing is known: what is no element goes to the DataView.
(module
  (memory 1)
  (func (export "fill") (local $p i32)
    (loop $next
      (i32.store offset=1024 (local.get $p) (i32.const 7))
      (br_if $next (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 400)))))
  (func (export "sum") (param $p i32) (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "swap") (param $p i32) (local $t i32)
    (local.set $t (i32.load (local.get $p)))
    (i32.store (local.get $p) (i32.load offset=4 (local.get $p)))
    (i32.store offset=4 (local.get $p) (local.get $t))))
