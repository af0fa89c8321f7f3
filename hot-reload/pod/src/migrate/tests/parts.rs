//! Differences known in advance, invalid bytes, and forged parked sets.

use super::*;
use crate::{migrate::Outcome, migrate::parked::Parked};

fn plan<Old: SharedState, New: SharedState>(parked: ParkedSet) -> Migration {
    let (old, new) = (OwnedLayout::from(Old::LAYOUT), OwnedLayout::from(New::LAYOUT));
    Migration::plan(&old, &new, parked, "")
}

#[test]
fn only_what_every_value_will_see_is_a_difference() {
    state!(Old { a: u32, list: FixedVec<u8, 4>, b: FixedOption<u8>, c: u8 });
    state!(New { a: u64, list: FixedVec<u8, 2>, b: u8, d: u8 });
    let planned = plan::<Old, New>(ParkedSet::default());
    let differences: Vec<_> = planned.differences().collect();
    assert_eq!(
        differences.join("\n"),
        "converted a: u32 → u64\n\
         converted list: FixedVec<u8, 4> → FixedVec<u8, 2>\n\
         defaulted d: new: as in a fresh state; if it was `c`, add `#[shared(was = \"c\")]`\n\
         parked    c: removed (u8)"
    );
    assert!(!planned.is_hopeless());
    assert!(plan::<u8, [u8; 2]>(ParkedSet::default()).is_hopeless());
}

#[test]
fn bytes_that_are_no_value_become_the_default() {
    state!(Old { a: bool, b: char, c: bool, n: u8 });
    state!(New { a: bool, b: u32, c: u8, n: u8 });
    let mut old = [2_u8; size_of::<Old>()];
    old[4..8].copy_from_slice(&0xd800_u32.to_ne_bytes());
    let fresh = New { a: true, b: 7, c: 8, n: 0 };
    let mut new = [0; size_of::<New>()];
    fresh.write_bytes(&mut new);
    let migrated = ran(&plan::<Old, New>(ParkedSet::default()), &old, &mut new);
    let mut value: New = blank();
    load(&mut value, &new).unwrap();
    assert_eq!(value, New { n: 2, ..fresh });
    assert!(migrated.parked.is_empty() && !migrated.exact);
    assert_eq!(migrated.report.count(Outcome::Defaulted), 3, "{}", migrated.report);
}

#[test]
fn a_name_that_looks_like_elements_parks_nothing() {
    let (name, was, default) = ("x[]".to_owned(), &[][..], None);
    let mut old = Vec::from(OwnedLayout::from(u8::LAYOUT));
    let ty = crate::owned_layout::NodeId(0);
    let field = crate::owned_layout::NodeField { name, offset: 0, ty, was, default };
    let kind = crate::owned_layout::NodeKind::Struct(vec![field]);
    let whole = crate::owned_layout::Node { name: "T".to_owned(), kind, ..old[0].clone() };
    old.push(whole);
    let old = OwnedLayout::try_from(old).unwrap();
    state!(New { y: u8 });
    let plan = Migration::plan(&old, &OwnedLayout::from(New::LAYOUT), ParkedSet::default(), "");
    let migrated = plan.run(&[1], &mut [2]);
    assert!(ParkedSet::from_bytes(&migrated.parked.to_bytes()).is_ok());
}

#[test]
fn values_parked_for_each_part_of_each_other_do_not_multiply() {
    state!(A { x: u32 });
    state!(B { a: A });
    state!(C { b: B });
    state!(D { c: C });
    state!(E { d: D });
    let parked = |path: &str, layout: &crate::Layout| Parked {
        replaced: false,
        passed_over: false,
        path: path.to_owned(),
        beyond: false,
        layout: OwnedLayout::from(layout),
        at: Vec::new(),
        bytes: vec![1; 4],
        left: Vec::new(),
    };
    let mut values = Vec::new();
    for _ in 0..200 {
        values.push(parked("d", D::LAYOUT));
        values.push(parked("d.c", C::LAYOUT));
        values.push(parked("d.c.b", B::LAYOUT));
        values.push(parked("d.c.b.a", A::LAYOUT));
        values.push(parked("d.c.b.a.x", u32::LAYOUT));
    }
    mod newer {
        use super::*;
        state!(A { x: u64 });
        state!(B { a: A });
        state!(C { b: B });
        state!(D { c: C });
        state!(E { d: D });
    }
    let plan = plan::<E, newer::E>(ParkedSet { values, ..ParkedSet::default() });
    plan.run(&[0; 4], &mut [0; 8]);
}
