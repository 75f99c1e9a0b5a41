//! What tikbook prints for programs, as JSON Schema (draft 2020-12).

/// A form of JSON that tikbook prints.
pub struct Schema {
    /// By what it is asked for.
    pub name: &'static str,
    /// Its schema.
    pub text: &'static str,
}

/// Every form, in the order of their names.
pub const SCHEMAS: [Schema; 9] = [
    Schema {
        name: "check",
        text: include_str!("schemas/check.json"),
    },
    // What a doctor finds is a report.
    Schema {
        name: "doctor",
        text: include_str!("schemas/report.json"),
    },
    Schema {
        name: "error",
        text: include_str!("schemas/error.json"),
    },
    Schema {
        name: "history",
        text: include_str!("schemas/history.json"),
    },
    Schema {
        name: "list",
        text: include_str!("schemas/list.json"),
    },
    Schema {
        name: "plan",
        text: include_str!("schemas/plan.json"),
    },
    Schema {
        name: "report",
        text: include_str!("schemas/report.json"),
    },
    Schema {
        name: "sites",
        text: include_str!("schemas/sites.json"),
    },
    Schema {
        name: "test",
        text: include_str!("schemas/test.json"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    #[test]
    fn an_error_has_one_form_whatever_it_stands_in() {
        let error = |name: &str| {
            let schema = SCHEMAS.iter().find(|schema| schema.name == name).unwrap();
            let schema: Json = serde_json::from_str(schema.text).unwrap();
            schema["properties"]["error"].clone()
        };
        assert!(error("error").is_object());
        assert_eq!(error("error"), error("report"));
    }
}
