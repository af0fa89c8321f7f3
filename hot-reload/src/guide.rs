//! Guides, each on one subject. They are the pages of the folder `docs`.

#![doc = hot_reload_derive::guide!("README")]

macro_rules! pages {
    ($($module:ident $file:literal)*) => {
        $(
            #[doc = hot_reload_derive::guide!($file)]
            pub mod $module {}
        )*
    };
}

pages! {
    tutorial "tutorial"
    examples "examples"
    porting "porting"
    state "state"
    assets "assets"
    modes "modes"
    window_libraries "window-libraries"
    terminal "terminal"
    text_programs "text-programs"
    modules "modules"
    other_builds "other-builds"
    builds "builds"
    fast_builds "fast-builds"
    failures "failures"
    testing "testing"
    debugging "debugging"
}
