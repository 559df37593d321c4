//! How many values a function may have: the tuples of two to [`gangplank_descriptor::VALUES`] of them.
//!
//! Comes in: the name of a macro. Goes out: one call of it for each tuple, with the name of the tuple's struct in C, and a type
//! and a name for each value. Whoever implements something for tuples does it by this list, so that all have the same end.

/// `$each!(Raw2: T0 r0, T1 r1);`, then the same with three and so on.
macro_rules! each_tuple {
    ($each:ident) => {
        $crate::types::tuples::each_tuple! { $each [T0 r0]
            (Raw2 T1 r1) (Raw3 T2 r2) (Raw4 T3 r3) (Raw5 T4 r4)
            (Raw6 T5 r5) (Raw7 T6 r6) (Raw8 T7 r7) (Raw9 T8 r8)
            (Raw10 T9 r9) (Raw11 T10 r10) (Raw12 T11 r11) (Raw13 T12 r12)
            (Raw14 T13 r13) (Raw15 T14 r14) (Raw16 T15 r15) (Raw17 T16 r16)
            (Raw18 T17 r17) (Raw19 T18 r18) (Raw20 T19 r19) (Raw21 T20 r20)
            (Raw22 T21 r21) (Raw23 T22 r22) (Raw24 T23 r23) (Raw25 T24 r24)
            (Raw26 T25 r25) (Raw27 T26 r26) (Raw28 T27 r27) (Raw29 T28 r28)
            (Raw30 T29 r29) (Raw31 T30 r30) (Raw32 T31 r31)
        }
    };
    ($each:ident [$($type:ident $field:ident),*]) => {
        const _: () = assert!([$(stringify!($type)),*].len() == gangplank_descriptor::VALUES);
    };
    ($each:ident [$($done:tt)*] ($raw:ident $type:ident $field:ident) $($rest:tt)*) => {
        $each!($raw: $($done)*, $type $field);
        $crate::types::tuples::each_tuple! { $each [$($done)*, $type $field] $($rest)* }
    };
}
pub(super) use each_tuple;
