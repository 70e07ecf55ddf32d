//! A run as JSON tells it.

use serde_json::Value;

/// What `--format json` printed.
pub struct Report(pub Value);

impl Report {
    #[track_caller]
    pub fn of(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON ({error}): {text}")))
    }

    pub fn rows(&self) -> &[Value] {
        self.0["cases"].as_array().unwrap()
    }

    pub fn comparisons(&self) -> &[Value] {
        self.0["comparisons"].as_array().unwrap()
    }

    /// The row of a backend at the one case whose id contains `case`.
    #[track_caller]
    pub fn row(&self, case: &str, backend: &str) -> &Value {
        let is = |row: &&Value| row["case"].as_str().unwrap().contains(case) && row["backend"] == backend;
        let rows: Vec<&Value> = self.rows().iter().filter(is).collect();
        assert_eq!(rows.len(), 1, "rows of {backend} at {case}");
        rows[0]
    }

    /// The only row of a backend.
    #[track_caller]
    pub fn row_of(&self, backend: &str) -> &Value {
        self.row("", backend)
    }

    /// Was this backend measured at all its cases?
    #[track_caller]
    pub fn expect_measured(&self, backend: &str) -> &Self {
        for row in self.rows().iter().filter(|row| row["backend"] == backend) {
            assert_eq!(row["outcome"], "measured", "{row:#}");
            assert!(row["time_ns"]["median"].as_f64().unwrap() > 0.0, "{row:#}");
        }
        self
    }

    /// The backend got this outcome at its only case, and a reason that contains `reason`.
    #[track_caller]
    pub fn expect_outcome(&self, backend: &str, outcome: &str, reason: &str) -> &Self {
        let row = self.row_of(backend);
        assert_eq!(row["outcome"], outcome, "{}", row["reason"]);
        assert!(row["reason"].as_str().unwrap().contains(reason), "{}", row["reason"]);
        assert!(row["time_ns"].is_null(), "what was not right has no time: {row:#}");
        self
    }
}
