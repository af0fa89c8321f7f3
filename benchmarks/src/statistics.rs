//! Medians and other percentiles.

use std::time::Duration;

/// Measurements of one system, in milliseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples {
    /// All values, in order of measurement.
    pub(crate) all: Vec<f64>,
}

impl Samples {
    pub(crate) fn push(&mut self, time: Duration) {
        self.all.push(time.as_secs_f64() * 1e3);
    }

    /// Returns a percentile by the nearest-rank method.
    pub(crate) fn percentile(&self, percent: usize) -> Option<f64> {
        let mut sorted = self.all.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (percent * sorted.len()).div_ceil(100).max(1);
        sorted.get(rank - 1).copied()
    }

    pub(crate) fn least(&self) -> Option<f64> {
        self.all.iter().copied().min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let samples = Samples { all: (1..=20).rev().map(f64::from).collect() };
        assert_eq!(samples.percentile(50), Some(10.0));
        assert_eq!(samples.percentile(95), Some(19.0));
        assert_eq!(samples.percentile(100), Some(20.0));
        assert_eq!(samples.least(), Some(1.0));
        assert_eq!(Samples::default().percentile(50), None);
    }
}
