//! Lists in the environment, as the portal's configuration reads them.

/// What a text is to the portal, which first tries it as a literal of Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PythonList {
    /// A list, `['a', 'b']`, or words between commas that are no literal, `a, b`.
    Items(Vec<String>),
    /// Another literal, or nothing: the portal takes its default. Numbers between commas are one:
    /// `+62812,+62813` is a tuple.
    Default,
}

impl PythonList {
    /// Reads the text of an environment variable.
    ///
    /// ```
    /// use portal::python_list::PythonList;
    /// let items = |text| PythonList::read(text);
    /// assert_eq!(items("['0812']"), PythonList::Items(vec!["0812".to_owned()]));
    /// assert_eq!(items("0812,"), PythonList::Items(vec!["0812".to_owned()]));
    /// assert_eq!(items("+62812,+62813"), PythonList::Default);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> PythonList {
        let text = text.trim();
        let mut literal = Literal { rest: text };
        if let Some(items) = literal.list().filter(|_| literal.is_at_end()) {
            return PythonList::Items(items);
        }
        let mut literal = Literal { rest: text };
        if literal.is_other_literal() || text.is_empty() {
            return PythonList::Default;
        }
        let words = text.split(',').map(str::trim);
        let words = words.filter(|word| !word.is_empty()).map(str::to_owned);
        PythonList::Items(words.collect())
    }
}

/// What is still to be read of a literal.
struct Literal<'text> {
    rest: &'text str,
}

impl Literal<'_> {
    /// A list of texts and numbers, as texts.
    fn list(&mut self) -> Option<Vec<String>> {
        let mut items = Vec::new();
        self.take('[')?;
        while self.take(']').is_none() {
            items.push(self.item()?);
            if self.take(',').is_none() {
                self.take(']')?;
                break;
            }
        }
        Some(items)
    }

    /// Whether all of it is a text, a number, a name of a constant, or such between commas.
    fn is_other_literal(&mut self) -> bool {
        let bracket = self.take('(').is_some();
        loop {
            if self.item().is_none() {
                return false;
            }
            if self.take(',').is_none() || self.is_at_end() || self.rest.starts_with(')') {
                break;
            }
        }
        (!bracket || self.take(')').is_some()) && self.is_at_end()
    }

    fn item(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let item = match quote {
            Some(quote) => {
                let (text, rest) = self.rest[1..].split_once(quote)?;
                self.rest = rest;
                text
            }
            None => {
                let end = self.rest.find([',', ']', ')']);
                let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                self.rest = rest;
                Some(word.trim()).filter(|word| is_constant(word))?
            }
        };
        self.rest = self.rest.trim_start();
        Some(item.to_owned())
    }

    fn take(&mut self, character: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(character)?.trim_start();
        Some(())
    }

    fn is_at_end(&self) -> bool {
        self.rest.trim().is_empty()
    }
}

/// A number as Python writes one, which has no zero in front, or `True`, `False`, `None`.
fn is_constant(word: &str) -> bool {
    if matches!(word, "True" | "False" | "None") {
        return true;
    }
    let digits = word.trim_start_matches(['+', '-']);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let has_zero_in_front = whole.starts_with('0') && whole.bytes().any(|digit| digit != b'0');
    is_number(whole)
        && (decimals.is_empty() || is_number(decimals))
        && (!has_zero_in_front || digits.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_be_written_as_pythons_or_with_commas() {
        let items = |words: &[&str]| {
            PythonList::Items(words.iter().map(|word| (*word).to_owned()).collect())
        };
        for (text, read) in [
            (
                "['172.16.2.0/23', \"10.0.0.0/8\"]",
                items(&["172.16.2.0/23", "10.0.0.0/8"]),
            ),
            (" [ 'a' , ] ", items(&["a"])),
            ("[]", items(&[])),
            (
                "172.16.2.0/23, 10.0.0.0/8",
                items(&["172.16.2.0/23", "10.0.0.0/8"]),
            ),
            // A zero in front is no number of Python's, so these are words.
            (
                "081255500506,081255500508",
                items(&["081255500506", "081255500508"]),
            ),
            ("[172.16.2.0/23]", items(&["[172.16.2.0/23]"])),
        ] {
            assert_eq!(PythonList::read(text), read, "{text}");
        }
    }

    #[test]
    fn another_literal_is_no_list_and_the_default_is_taken() {
        for text in [
            "+6281255500506,+6281255500508",
            "6281255500506",
            "'0812','0813'",
            "('0812',)",
            "None",
            "1.5",
            "",
            "  ",
        ] {
            assert_eq!(PythonList::read(text), PythonList::Default, "{text}");
        }
    }
}
