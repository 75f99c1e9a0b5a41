//! What statements are held against while their transactions are open.

use plan::radius::{Radius, TouchedRows};
use planning::ChangeError;
use sending::Touched;

/// What statements are held against while their transactions are open: how many rows one touches is
/// known only then.
pub struct Ceiling<'a> {
    radius: &'a mut Radius,
    max_changes: Option<usize>,
    /// Why a statement was rolled back; nothing is to be sent after it.
    pub refusal: Option<ChangeError>,
}

impl<'a> Ceiling<'a> {
    /// Statements of a run that may change so much.
    pub fn new(radius: &'a mut Radius, max_changes: Option<usize>) -> Self {
        Self {
            radius,
            max_changes,
            refusal: None,
        }
    }

    /// Counts what a statement did. If it says no, the statement is to be rolled back, and
    /// does not count.
    pub fn admits(&mut self, touched: &Touched) -> bool {
        let mut radius = self.radius.clone();
        let tables = touched.tables.iter().map(|its| TouchedRows {
            full_name: its.full_name.clone(),
            name: its.name.clone(),
            replaced: its.replaced,
            is_most: its.is_most,
            size: its.size,
        });
        radius.touched(touched.rows, tables);
        match radius.check(self.max_changes) {
            Ok(()) => *self.radius = radius,
            Err(refusal) => {
                self.radius.rolled_back();
                self.refusal = Some(refusal.into());
            }
        }
        self.refusal.is_none()
    }
}

#[cfg(test)]
mod tests {
    use plan::change::Change;
    use plan::radius::TooMuch;
    use plan::statement::Statement;
    use sending::TouchedTable;

    use super::*;

    fn statement() -> Change {
        let statement = Statement {
            table: "guests".to_owned(),
            beside: Vec::new(),
            sql: "DELETE FROM guests".to_owned(),
            parameters: Vec::new(),
        };
        Change::of(statement, "")
    }

    #[test]
    fn the_rows_of_statements_count_with_the_changes_of_the_router() {
        let menu = "/ip/firewall/address-list".parse().unwrap();
        let change = Change::add(
            None,
            &menu,
            std::iter::empty::<(&str, &str)>().collect(),
            "",
        );
        let statement = statement();
        let touched = |rows| Touched {
            rows,
            is_most: false,
            own_rows: rows,
            tables: Vec::new(),
        };
        let mut radius = Radius::default();
        radius.add(std::iter::repeat_n(&change, 20).chain([&statement, &statement]));
        let mut ceiling = Ceiling::new(&mut radius, None);
        assert!(ceiling.admits(&touched(29)));
        assert!(!ceiling.admits(&touched(2)));
        assert!(matches!(
            ceiling.refusal,
            Some(ChangeError::TooMuch(TooMuch::Changes { changes: 51, .. }))
        ));
        // What was refused is not counted, and what follows is.
        radius.add([&change]);
        assert!(radius.check(None).is_ok());
        radius.add([&change]);
        assert!(radius.check(None).is_err());
    }

    #[test]
    fn half_of_a_table_is_half_of_what_it_was_before_the_run() {
        let mut radius = Radius::default();
        let mut replaces = |rows: [(&str, u64, Option<u64>); 2]| {
            radius.add([&statement()]);
            let tables = rows.map(|(name, replaced, size)| TouchedTable {
                full_name: format!("public.{name}"),
                name: name.to_owned(),
                replaced,
                is_most: false,
                size,
            });
            let touched = Touched {
                rows: 1,
                is_most: false,
                own_rows: 1,
                tables: tables.into(),
            };
            let mut ceiling = Ceiling::new(&mut radius, None);
            match ceiling.admits(&touched) {
                true => String::new(),
                false => ceiling.refusal.unwrap().to_string(),
            }
        };
        let none = ("log", 0, None);
        assert_eq!(replaces([("guests", 4, Some(10)), none]), "");
        // Of a handful of rows half says nothing.
        assert_eq!(replaces([("others", 4, Some(4)), none]), "");
        // What was added since is no part of what was there.
        let six = "6 of the 10 rows of the table `guests`";
        assert!(replaces([("guests", 2, Some(30)), none]).contains(six));
        assert_eq!(replaces([("guests", 1, Some(30)), none]), "");
        // What a statement does beside its own table is held against that table.
        let nine = "9 of the 9 rows of the table `rooms`";
        assert!(replaces([("log", 0, None), ("rooms", 9, Some(9))]).contains(nine));
        let unknown = "1 row of the table `log`, and nobody can count";
        assert!(replaces([("log", 1, None), ("rooms", 0, Some(9))]).contains(unknown));
    }
}
