//! Tests of messages and arguments between an owner and a renderer that were compiled at different
//! times.

use super::bench::Bench;
use hot_reload::status::Problem;
use two_process_tests::clay::{Ask, Word};

const NUMBER: &str = "    Number {\n        /// Number of the question, from 1.\n        number: u32,\n        \
                      /// Ignored by the renderer.\n        loud: bool,\n    },\n";
const ANSWER: &str = "        /// Number of the question.\n        number: u32,\n        \
                      /// Generation that answers.\n        generation: u32,\n";
const SEND: &str = "let _ = frame.owner.send(Word::Number { number, generation });";

impl Bench {
    /// Sends five numbers from `first` on, checks that they are answered, and returns the answers.
    fn exchange(&mut self, first: u32) -> Vec<Word> {
        let last = first + 4;
        for number in first..=last {
            self.driver.owner.send(Ask::Number { number, loud: true }).unwrap();
        }
        let mut words = Vec::new();
        self.driver.until(&format!("answers up to {last}"), |driver| {
            words.extend(driver.owner.messages());
            words.len() == 5
        });
        let numbers = words.iter().map(|word| match word {
            Word::Number { number, .. } => *number,
            word => panic!("{word:?}"),
        });
        assert_eq!(numbers.collect::<Vec<_>>(), (first..=last).collect::<Vec<_>>());
        words
    }

    /// Returns the notice about a channel, if there is one.
    fn notice(&self, channel: &str) -> Option<&str> {
        let notices = &self.driver.owner.status().notices;
        notices.iter().map(String::as_str).find(|notice| notice.contains(channel))
    }
}

/// Name, edits, and the channel that the notice names; empty if every value can be translated.
type Translated = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const TRANSLATED: &[Translated] = &[
    (
        "a field more to the renderer is blank",
        &[
            (
                NUMBER,
                "    Number {\n        extra: u32,\n        number: u32,\n        loud: bool,\n    },\n",
            ),
            (
                "Ask::Number { number, .. } => {",
                "Ask::Number { number, extra: 0, loud: true } => {",
            ),
            (
                "            Ask::Show => {",
                "            Ask::Number { .. } => unreachable!(),\n            Ask::Show => {",
            ),
        ],
        "App::ToRenderer",
    ),
    (
        "a field less to the renderer",
        &[(NUMBER, "    Number {\n        number: u32,\n    },\n")],
        "App::ToRenderer",
    ),
    (
        "a wider number to the renderer",
        &[
            (NUMBER, "    Number {\n        number: u64,\n        loud: bool,\n    },\n"),
            (
                "Ask::Number { number, .. } => {",
                "Ask::Number { number, .. } => {\n                \
                 let number = u32::try_from(number).unwrap();",
            ),
        ],
        "App::ToRenderer",
    ),
    (
        "a variant more to the renderer, before the others",
        &[
            ("    /// Asks for an answer.\n", "    More(u64),\n    /// Asks for an answer.\n"),
            (
                "            Ask::Show => {",
                "            Ask::More(_) => unreachable!(),\n            Ask::Show => {",
            ),
        ],
        "",
    ),
    (
        "a field more to the owner, which it does not see",
        &[
            (ANSWER, "        extra: u64,\n        number: u32,\n        generation: u32,\n"),
            ("Word::Number { number,", "Word::Number { extra: 1 << 40, number,"),
        ],
        "App::ToOwner",
    ),
    (
        "a field less to the owner, which is blank there",
        &[
            (ANSWER, "        number: u32,\n"),
            ("Word::Number { number, generation }", "Word::Number { number }"),
        ],
        "App::ToOwner",
    ),
    (
        "a renamed field to the owner, with its former name",
        &[
            (
                ANSWER,
                "        #[shared(was = \"number\")]\n        answer: u32,\n        generation: u32,\n",
            ),
            ("Word::Number { number, generation }", "Word::Number { answer: number, generation }"),
        ],
        "",
    ),
    (
        "a wider number to the owner, and one that does not fit",
        &[
            (ANSWER, "        number: u64,\n        generation: u32,\n"),
            (
                SEND,
                "let wide = Word::Number { number: 1 << 40, generation };\n                \
                 assert_eq!(frame.owner.send(wide), Err(hot_reload::collections::Full(wide)));\n                \
                 let number = u64::from(number);\n                \
                 frame.owner.send(Word::Number { number, generation }).unwrap();",
            ),
        ],
        "App::ToOwner",
    ),
    (
        "a variant that the owner does not know comes back, the others flow",
        &[
            ("    /// An answer.\n", "    New(u8),\n    /// An answer.\n"),
            (
                SEND,
                "let sent = frame.owner.send(Word::New(1));\n                \
                 assert_eq!(sent, Err(hot_reload::collections::Full(Word::New(1))));\n                \
                 frame.owner.send(Word::Number { number, generation }).unwrap();",
            ),
        ],
        "App::ToOwner",
    ),
    (
        "a variant less to the renderer",
        &[
            ("    /// Asks for the state.\n    Show,\n", ""),
            (
                "            Ask::Show => {\n                \
                 let text = FixedString::truncated(&in_words(frame));\n                \
                 let flow = frame.state.flow;\n                \
                 let _ = frame.owner.send(Word::Shown { generation, text, flow });\n            }\n",
                "",
            ),
        ],
        "App::ToRenderer",
    ),
];

#[test]
fn messages_of_changed_types_are_translated_for_an_owner_that_goes_on() {
    let mut bench = Bench::start();
    let mut next = 1;
    for (name, edits, channel) in TRANSLATED {
        println!("{name}");
        bench.save(edits);
        bench.drawn();
        if name.starts_with("a variant less") {
            bench.driver.owner.send(Ask::Show).unwrap();
        }
        let words = bench.exchange(next);
        next += 5;
        let notice = bench.notice(channel);
        match *channel {
            "" => assert_eq!(notice, None, "{name}"),
            _ => assert!(notice.is_some_and(|it| it.contains("is translated")), "{notice:?}"),
        }
        let generation = bench.driver.owner.status().generation;
        let generation = if name.contains("blank there") { 0 } else { generation };
        let named =
            |word: &Word| matches!(word, Word::Number { generation: it, .. } if *it == generation);
        assert!(words.iter().all(named), "{name}: {words:?}");
        bench.save(&[]);
        bench.drawn();
        assert_eq!(bench.driver.owner.status().notices, [""; 0], "{name}, taken back");
        bench.exchange(next);
        next += 5;
    }
    let flow = bench.shown().flow;
    assert_eq!((flow.gaps, flow.disorder, flow.last_number), (0, 0, next - 1));
}

#[test]
fn a_channel_whose_types_have_nothing_in_common_is_switched_off_until_they_have() {
    let mut bench = Bench::start();
    bench.exchange(1);
    // Messages to the renderer.
    bench.save(&[
        ("type ToRenderer = Ask;", "type ToRenderer = [u8; 3];"),
        (
            "while let Some(ask) = frame.owner.try_recv() {\n",
            "while let Some([_, _, _]) = frame.owner.try_recv() {\n        let ask = Ask::Show;\n",
        ),
    ]);
    bench.drawn();
    let notice = bench.notice("App::ToRenderer");
    assert!(notice.is_some_and(|it| it.contains("nothing in common")), "{notice:?}");
    // Messages sent now wait, as far as there is room.
    let mut last = 5;
    while bench.driver.owner.send(Ask::Number { number: last + 1, loud: false }).is_ok() {
        last += 1;
        bench.driver.tick();
    }
    assert!(last >= 256, "at least 256 fit, {last} did");
    assert_eq!(bench.driver.owner.messages().count(), 0);
    bench.save(&[]);
    bench.drawn();
    assert_eq!(bench.driver.owner.status().notices, [""; 0]);
    bench.driver.until("what has waited", |driver| {
        driver.owner.state().is_some_and(|state| state.flow.last_number == last)
    });
    let words = &mut bench.words;
    bench.driver.until("its answers", |driver| {
        words.extend(driver.owner.messages());
        words.len() == last as usize - 5
    });
    // Messages to the owner: those to the renderer still arrive.
    bench.save(&[
        ("type ToOwner = Word;", "type ToOwner = [u8; 3];"),
        (SEND, "assert_eq!(frame.owner.send([7; 3]), Err(hot_reload::collections::Full([7; 3])), \"{generation}\");"),
        (
            "let _ = frame.owner.send(Word::Shown { generation, text, flow });",
            "let _ = Word::Shown { generation, text, flow };",
        ),
    ]);
    bench.drawn();
    let notice = bench.notice("App::ToOwner");
    assert!(notice.is_some_and(|it| it.contains("nothing in common")), "{notice:?}");
    for number in last + 1..=last + 5 {
        bench.driver.owner.send(Ask::Number { number, loud: true }).unwrap();
    }
    // The owner can read the state itself.
    bench.driver.until("five numbers more", |driver| {
        driver.owner.state().is_some_and(|state| state.flow.last_number == last + 5)
    });
    assert_eq!(bench.driver.owner.messages().count(), 0);
    bench.save(&[]);
    bench.drawn();
    assert_eq!(bench.driver.owner.status().notices, [""; 0]);
    bench.exchange(last + 6);
    let flow = bench.shown().flow;
    assert_eq!((flow.gaps, flow.disorder, flow.last_number), (0, 0, last + 10));
}

#[test]
fn arguments_may_have_a_field_more_that_has_a_default() {
    let mut bench = Bench::start();
    let before = bench.shown();
    let heights = "    pub heights: usize,\n";
    bench.save(&[(heights, "    pub heights: usize,\n    pub depth: usize,\n")]);
    let Problem::CannotStart { message } = bench.problem() else {
        panic!("{:?}", bench.driver.owner.status())
    };
    let sentence = "give new fields `#[serde(default)]`, or start the owner again";
    assert!(message.contains("depth") && message.contains(sentence), "{message}");
    assert_eq!(bench.shown().generation, before.generation);
    let with_default = "    pub heights: usize,\n    #[serde(default)]\n    pub depth: usize,\n";
    let shown = bench.change(&[(heights, with_default)]);
    assert_eq!(shown.text, before.text);
    assert_eq!(bench.driver.owner.status().problem, None);
}
