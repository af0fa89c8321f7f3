//! Types that cannot be plain old data, refused by name, with what to use instead.
//!
//! The trait bound refuses them as well; this module exists for its clearer messages.

use syn::{Error, GenericArgument, PathArguments, Result, Type};

/// Refuses a field whose type is known to hold a pointer.
pub(crate) fn pointers(field: &str, ty: &Type) -> Result<()> {
    let Some((what, instead)) = pointer_in(ty) else {
        return Ok(());
    };
    Err(Error::new_spanned(
        ty,
        format!("field `{field}`: {what} cannot be kept in shared state; use {instead}"),
    ))
}

fn pointer_in(ty: &Type) -> Option<(String, &'static str)> {
    match ty {
        Type::Reference(reference) => Some(match &*reference.elem {
            Type::Slice(_) => ("a slice".into(), "`[T; N]` or `FixedVec<T, N>`"),
            Type::Path(path) if path.path.is_ident("str") => {
                ("a `&str`".into(), "`FixedString<N>`, or an enum that names the text")
            }
            _ => ("a reference".into(), "the value itself, or its index"),
        }),
        Type::Ptr(_) => Some(("a pointer".into(), "the value itself, or its index")),
        Type::FnPtr(_) => {
            Some(("a function pointer".into(), "an enum that names the function, and `match`"))
        }
        Type::TraitObject(_) => {
            Some(("a trait object".into(), "an enum with data and `#[repr(C, u8)]`, and `match`"))
        }
        Type::ImplTrait(_) => Some(("an `impl Trait`".into(), "a named type")),
        Type::Slice(_) => Some(("a slice".into(), "`[T; N]` or `FixedVec<T, N>`")),
        Type::Array(array) => pointer_in(&array.elem),
        Type::Paren(inner) => pointer_in(&inner.elem),
        Type::Group(inner) => pointer_in(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(pointer_in),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let name = last.ident.to_string();
            // A `Cell` or `Box` without parameters is the user's own type; `std`'s has a parameter.
            let own = matches!(last.arguments, PathArguments::None) && is_generic(&name);
            let inner = match &last.arguments {
                PathArguments::AngleBracketed(arguments) => {
                    arguments.args.iter().find_map(|argument| match argument {
                        GenericArgument::Type(inner) => Some((inner, pointer_in(inner)?)),
                        _ => None,
                    })
                }
                _ => None,
            };
            // For a `Box<dyn Trait>`, the message must name the trait object.
            match (inner, replacement(&name).filter(|_| !own)) {
                (Some((Type::TraitObject(_), found)), _) => Some(found),
                (_, Some(instead)) => Some((format!("`{name}`"), instead)),
                (inner, None) => inner.map(|(_, found)| found),
            }
        }
        _ => None,
    }
}

fn is_generic(name: &str) -> bool {
    let without = ["String", "OsString", "PathBuf", "CString", "Instant", "SystemTime", "Duration"];
    !without.contains(&name)
}

fn replacement(name: &str) -> Option<&'static str> {
    Some(match name {
        "String" | "OsString" | "PathBuf" | "CString" | "Cow" => "`FixedString<N>`",
        "Vec" | "LinkedList" | "BinaryHeap" => {
            "`FixedVec<T, N>` or `[T; N]`; if the length is known only at run time, an extra buffer"
        }
        "VecDeque" => "`Ring<T, N>`; if the length is known only at run time, an extra buffer",
        "Box" => "the value itself; for trees and graphs, `Pool<T, N>` and `Handle<T>`",
        "Rc" | "Arc" | "Weak" => "`Pool<T, N>` and `Handle<T>`",
        "HashMap" | "BTreeMap" => "`FixedMap<K, V, N>`, or rebuild it in the renderer",
        "HashSet" | "BTreeSet" => "`FixedMap<T, (), N>`, or rebuild it in the renderer",
        "Instant" => "`FixedInstant`, and `frame.input.now()`",
        "SystemTime" => "`FixedDuration` since `SystemTime::UNIX_EPOCH`",
        "Duration" => "`FixedDuration`",
        "Option" => "`FixedOption<T>`",
        "Cell" | "RefCell" | "Mutex" | "RwLock" | "OnceCell" => {
            "the value itself: only the renderer accesses the state"
        }
        _ => return None,
    })
}
