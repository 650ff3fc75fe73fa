;; A br_table at the head of nested blocks becomes the switch that it was in the source; `$default` is reached by a branch
;; as well, so it stays a label around the switch.
(module
  (func (export "days") (param $month i32) (param $leap i32) (result i32)
    (local $days i32)
    (block $default
      (block $thirty
        (block $february
          (block $thirty-one
            (br_table $thirty-one $february $thirty-one $thirty $thirty-one $thirty $thirty-one $thirty-one $thirty $default
              (local.get $month)))
          (return (i32.const 31)))
        (br_if $default (i32.gt_u (local.get $leap) (i32.const 1)))
        (return (i32.add (i32.const 28) (local.get $leap))))
      (return (i32.const 30)))
    (i32.const -1)))
