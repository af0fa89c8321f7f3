//! The first sentence of each documented item: a verb in the third person for functions, a noun
//! phrase or a verb for everything else.

use proc_macro2::{TokenStream, TokenTree};

/// Words that begin a fragment or a clause instead of a sentence about the item.
const FRAGMENTS: [&str; 40] = [
    "as",
    "at",
    "because",
    "by",
    "every",
    "for",
    "from",
    "here",
    "how",
    "if",
    "in",
    "it",
    "its",
    "like",
    "no",
    "nobody",
    "none",
    "not",
    "nothing",
    "of",
    "on",
    "once",
    "only",
    "otherwise",
    "since",
    "so",
    "somebody",
    "that",
    "there",
    "these",
    "they",
    "this",
    "to",
    "until",
    "what",
    "when",
    "where",
    "whether",
    "who",
    "whose",
];

/// An item with documentation.
pub(crate) struct Documented {
    pub(crate) name: String,
    is_function: bool,
    /// First line of its documentation.
    pub(crate) sentence: String,
}

impl Documented {
    /// Returns true if the documentation begins as it should.
    pub(crate) fn begins_well(&self) -> bool {
        let letters = |c: char| c.is_alphabetic() || c == '-';
        let word = self.sentence.trim_start_matches(|c| !letters(c)).split(|c| !letters(c)).next();
        let word = word.unwrap_or_default();
        if self.is_function {
            let begins = word.starts_with(char::is_uppercase);
            return begins
                && word.ends_with('s')
                && !["This", "As", "Its", "Always"].contains(&word);
        }
        !word.is_empty() && !FRAGMENTS.contains(&&*word.to_lowercase())
    }
}

/// Returns the documented items of a file: also fields, variants and methods, and those in macros.
pub(crate) fn documented(name: &str, text: &str) -> Vec<Documented> {
    let tokens = text.parse::<TokenStream>().unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<Documented>) {
    let mut sentence: Option<String> = None;
    let mut words = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(hash) if hash.as_char() == '#' => {
                if let Some(TokenTree::Group(group)) = tokens.peek() {
                    let doc = doc(group.stream());
                    sentence = sentence.or(doc);
                    tokens.next();
                }
            }
            TokenTree::Ident(ident) => {
                words.push(ident.to_string());
                continue;
            }
            // Of `pub(crate)`.
            TokenTree::Group(_) if words.last().is_some_and(|word| word == "pub") => continue,
            TokenTree::Group(group) => collect(group.stream(), found),
            _ => {}
        }
        found.extend(item(&mut sentence, &mut words));
    }
    found.extend(item(&mut sentence, &mut words));
}

/// Returns the item that these words declare, if it is documented.
fn item(sentence: &mut Option<String>, words: &mut Vec<String>) -> Option<Documented> {
    let words = std::mem::take(words);
    let name = words.last()?.clone();
    let is_function = words.iter().any(|word| word == "fn");
    Some(Documented { name, is_function, sentence: sentence.take()? })
}

/// Returns the text of a `doc` attribute.
fn doc(attribute: TokenStream) -> Option<String> {
    let mut tokens = attribute.into_iter();
    match (tokens.next(), tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(doc)), Some(_), Some(TokenTree::Literal(text))) if doc == "doc" => {
            let text = syn::parse_str::<syn::LitStr>(&text.to_string()).ok()?.value();
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        }
        _ => None,
    }
}

#[test]
fn fragments_are_told_from_sentences() {
    #[rustfmt::skip]
    let table = [
        ("/// Returns the sum.\npub fn sum() {}", true),
        ("/// The sum.\npub fn sum() {}", false),
        ("/// Whether it is so.\npub(crate) fn is_so() {}", false),
        ("/// As ever.\n#[must_use]\npub const fn ever() {}", false),
        ("/// What goes on.\npub struct Status;", false),
        ("/// A status.\npub struct Status { /// So many.\n pub many: u32 }", false),
        ("/// A status.\n///\n/// So it is.\npub struct Status { /// Number of builds.\n pub many: u32 }", true),
    ];
    for (text, good) in table {
        let found = documented("table", text);
        assert!(!found.is_empty(), "{text}");
        assert_eq!(found.iter().all(Documented::begins_well), good, "{text}");
    }
}
