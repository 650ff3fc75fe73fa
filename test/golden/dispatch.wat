;; --set target=v8
(module
  (type $t (func (param i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 1) $double $square)
  (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func (export "apply") (param i32 i32) (result i32)
    (call_indirect (type $t) (local.get 1) (local.get 0))))
