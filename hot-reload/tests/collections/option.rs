//! Tests of `FixedOption` against `Option`.

use hot_reload::collections::FixedOption;

#[test]
fn a_fixed_option_is_used_as_the_option_of_std() {
    let mut option = FixedOption::<u32>::default();
    assert!(option.is_none() && !option.is_some());
    assert_eq!((option.get(), option.as_ref()), (None, None));
    assert_eq!(option.take(), None);
    assert_eq!(option.replace(7), None);
    assert_eq!(option.replace(8), Some(7));
    assert!(option.is_some() && !option.is_none());
    *option.as_mut().unwrap() += 1;
    assert_eq!((option.as_ref(), option.get()), (Some(&9), Some(9)));
    let FixedOption::Some(value) = option else { panic!("{option:?}") };
    assert_eq!(value, 9);
    assert_eq!((option.take(), option), (Some(9), FixedOption::None));
}

#[test]
fn a_fixed_option_comes_from_an_option_and_becomes_one() {
    for option in [None, Some('€')] {
        let fixed = FixedOption::from(option);
        assert_eq!(Option::from(fixed), option);
        assert_eq!((fixed.is_some(), fixed.get()), (option.is_some(), option));
    }
}

#[test]
fn every_method_answers_as_that_of_std() {
    for option in [None, Some(3), Some(4)] {
        let fixed = FixedOption::<u32>::from(option);
        let (even, half) =
            (|it: u32| it.is_multiple_of(2), |it: u32| it.is_multiple_of(2).then_some(it / 2));
        assert_eq!(fixed.map(u64::from), option.map(u64::from));
        assert_eq!(fixed.and_then(half), option.and_then(half));
        assert_eq!(fixed.filter(|it| even(*it)), option.filter(|it| even(*it)));
        assert_eq!(fixed.is_some_and(even), option.is_some_and(even));
        assert_eq!(fixed.ok_or("none"), option.ok_or("none"));
        assert_eq!(fixed.unwrap_or(9), option.unwrap_or(9));
        assert_eq!(fixed.unwrap_or_else(|| 9), option.unwrap_or(9));
        assert_eq!(fixed.unwrap_or_default(), option.unwrap_or_default());
        assert_eq!(fixed.iter().collect::<Vec<_>>(), option.iter().collect::<Vec<_>>());
        assert_eq!(fixed.into_iter().count(), option.into_iter().count());
        let (mut fixed, mut option) = (fixed, option);
        fixed.iter_mut().for_each(|it| *it += 1);
        option.iter_mut().for_each(|it| *it += 1);
        *fixed.get_or_insert(7) += 1;
        *option.get_or_insert(7) += 1;
        assert_eq!(fixed.get(), option);
        assert_eq!((fixed.unwrap(), fixed.expect("some")), (option.unwrap(), option.unwrap()));
        *fixed.insert(20) += 1;
        assert_eq!(fixed, FixedOption::Some(21));
        assert!(fixed > FixedOption::None && fixed < FixedOption::Some(22));
        assert_eq!((fixed.take(), *fixed.get_or_insert_with(|| 5)), (Some(21), 5));
    }
}

#[test]
#[should_panic(expected = "no target")]
fn an_expected_value_that_is_missing_panics_with_the_message() {
    let _ = FixedOption::<u8>::None.expect("no target");
}
