//! A chart of the growth with the size, on two logarithmic axes.

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
/// The area inside of the axes.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 370.0;

/// A chart.
pub(super) struct Chart {
    pub(super) title: &'static str,
    /// Horizontal axis.
    pub(super) bytes: Axis,
    /// Vertical axis.
    pub(super) milliseconds: Axis,
    pub(super) lines: Vec<Line>,
}

/// The range of an axis, in whole decades.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    pub(super) from: f64,
    pub(super) to: f64,
}

/// One of the lines.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) color: &'static str,
    /// Points as bytes and milliseconds.
    pub(super) points: Vec<(f64, f64)>,
}

impl Chart {
    /// Returns the chart as SVG.
    pub(super) fn svg(&self) -> String {
        let mut body = String::new();
        for (value, x) in self.bytes.marks() {
            let (x, label) = (LEFT + x * (RIGHT - LEFT), in_units(value, &BYTES));
            body += &format!(
                "<path d=\"M{x:.1} {TOP}V{BOTTOM}\" stroke=\"#e4e4e4\"/>\n\
                 <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>\n",
                BOTTOM + 18.0
            );
        }
        for (value, y) in self.milliseconds.marks() {
            let (y, label) = (BOTTOM - y * (BOTTOM - TOP), in_units(value, &MILLISECONDS));
            body += &format!(
                "<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"#e4e4e4\"/>\n\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>\n",
                LEFT - 6.0,
                y + 4.0
            );
        }
        for (number, line) in self.lines.iter().enumerate() {
            body += &self.line(line, TOP + 8.0 + 20.0 * number as f64);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
             <text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{}</text>\n{body}</svg>\n",
            self.title
        )
    }

    fn line(&self, Line { name, color, points }: &Line, label: f64) -> String {
        let place = |(bytes, milliseconds): &(f64, f64)| {
            let (x, y) = (self.bytes.share(*bytes), self.milliseconds.share(*milliseconds));
            (LEFT + x * (RIGHT - LEFT), BOTTOM - y * (BOTTOM - TOP))
        };
        let points: Vec<_> = points.iter().map(place).collect();
        let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let dots = points.iter().map(|(x, y)| {
            format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{color}\"/>\n")
        });
        format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\n{}\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{name}</text>\n",
            path.join(" "),
            dots.collect::<String>(),
            RIGHT + 16.0,
            label,
        )
    }
}

impl Axis {
    /// Returns the powers of ten, and their positions.
    fn marks(self) -> impl Iterator<Item = (f64, f64)> {
        let decades = (self.to / self.from).log10().round();
        let powers =
            std::iter::successors(Some(0.0), move |it| (*it < decades).then_some(it + 1.0));
        powers.map(move |power| (self.from * 10_f64.powf(power), power / decades))
    }

    fn share(self, value: f64) -> f64 {
        ((value / self.from).log10() / (self.to / self.from).log10()).clamp(0.0, 1.0)
    }
}

const BYTES: [(f64, &str); 4] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")];
const MILLISECONDS: [(f64, &str); 4] = [(1e3, "s"), (1.0, "ms"), (1e-3, "µs"), (1e-6, "ns")];

/// Formats a power of ten in the largest unit that does not exceed it.
fn in_units(value: f64, units: &[(f64, &str)]) -> String {
    // The powers are not exact.
    let fits = units.iter().find(|(unit, _)| value > unit * 0.99);
    let (unit, name) = fits.copied().unwrap_or((1.0, ""));
    format!("{:.0} {name}", value / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_is_marked_in_round_numbers_of_fitting_units() {
        let marks = |from, to, units: &[(f64, &str)]| -> Vec<_> {
            Axis { from, to }.marks().map(|(value, _)| in_units(value, units)).collect()
        };
        assert_eq!(marks(0.0001, 0.1, &MILLISECONDS), ["100 ns", "1 µs", "10 µs", "100 µs"]);
        assert_eq!(marks(1e8, 1e9, &BYTES), ["100 MB", "1 GB"]);
    }

    #[test]
    fn a_decade_is_as_long_as_the_next_and_nothing_leaves_the_field() {
        let axis = Axis { from: 0.01, to: 100.0 };
        assert!((axis.share(1.0) - 0.5).abs() < 1e-9);
        assert_eq!((axis.share(0.0001), axis.share(1e6)), (0.0, 1.0));
    }
}
