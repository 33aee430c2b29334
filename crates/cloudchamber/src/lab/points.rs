//! Points of a CSV file: two columns of numbers and, if it has one, a third with the name of each point's class.

use std::path::Path;

use super::Point;
use crate::Error;

/// Points to draw from, each of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// The points and the numbers of their classes.
    pub points: Vec<(Point, usize)>,
    /// The classes' names, in order of appearance; one where the file has two columns.
    pub classes: Vec<String>,
}

/// Points of one class.
impl From<Vec<Point>> for Points {
    fn from(points: Vec<Point>) -> Points {
        Points { points: points.into_iter().map(|p| (p, 0)).collect(), classes: vec!["all".into()] }
    }
}

impl Points {
    /// Reads a file; a first line whose first two fields are no numbers is a header.
    ///
    /// # Errors
    /// Those of reading; a line with other than two finite numbers and, if the first has one, a class; fewer than two different
    /// points; a column of classes that are all the same.
    pub fn read(path: &Path) -> Result<Points, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        let wrong = |found: String, expected: &str| {
            Err(Error::Content { path: path.to_path_buf(), found, expected: expected.into() })
        };
        let mut all = Points { points: Vec::new(), classes: Vec::new() };
        let mut columns = 0;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            let numbers: Vec<Option<f64>> = fields.iter().take(2).map(|v| v.parse().ok()).collect();
            if all.points.is_empty() && number == 0 && numbers.iter().all(Option::is_none) {
                continue;
            }
            if columns == 0 {
                columns = fields.len().clamp(2, 3);
            }
            let finite = matches!(numbers[..], [Some(x), Some(y)] if x.is_finite() && y.is_finite());
            if !finite || fields.len() != columns || fields[columns - 1].is_empty() {
                let class = if columns == 3 { " and a class" } else { "" };
                let expected = format!("two finite numbers{class}, separated by commas; correct or remove the line");
                return wrong(format!("line {}: {line}", number + 1), &expected);
            }
            let name = if columns == 3 { fields[2] } else { "all" };
            let class = all.classes.iter().position(|known| known == name).unwrap_or(all.classes.len());
            if class == all.classes.len() {
                all.classes.push(name.into());
            }
            all.points.push(([numbers[0].unwrap_or(0.0), numbers[1].unwrap_or(0.0)], class));
        }
        if all.points.iter().all(|(p, _)| *p == all.points[0].0) {
            return wrong(
                format!("{} points, none of which differ", all.points.len()),
                "at least two different points",
            );
        }
        if columns == 3 && all.classes.len() == 1 {
            let found = format!("the class '{}' in the third column of all {} lines", all.classes[0], all.points.len());
            return wrong(found, "at least two classes; without classes, two columns");
        }
        Ok(all)
    }

    /// The points of one class, as a file of their own.
    #[must_use]
    pub fn of_class(&self, class: usize) -> Points {
        let points: Vec<Point> = self.points.iter().filter(|(_, k)| *k == class).map(|(p, _)| *p).collect();
        points.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Points, Error> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("points.csv");
        std::fs::write(&path, text).unwrap();
        Points::read(&path)
    }

    #[test]
    fn a_third_column_names_classes_in_order_of_appearance() {
        let all = read("x,y,kind\n1,2,signal\n3.5,-4,background\n\n0,0,signal\n").unwrap();
        assert_eq!(all.classes, ["signal", "background"]);
        assert_eq!(all.points, [([1.0, 2.0], 0), ([3.5, -4.0], 1), ([0.0, 0.0], 0)]);
        assert_eq!(all.of_class(1), Points::from(vec![[3.5, -4.0]]));
        assert_eq!(read("1,2\n3,4\n").unwrap(), Points::from(vec![[1.0, 2.0], [3.0, 4.0]]));
    }

    #[test]
    fn what_cannot_be_drawn_from_is_refused_with_file_line_and_remedy() {
        for (text, words) in [
            ("NaN,2\n3,4\n", ["line 1: NaN,2", "two finite numbers"]),
            ("x,y\n1,2\n3,inf\n", ["line 3: 3,inf", "remove the line"]),
            ("1,2\n3;4\n", ["line 2: 3;4", "separated by commas"]),
            ("1,2,a\n3,4\n", ["line 2: 3,4", "and a class"]),
            ("1,2,a\n3,4,\n", ["line 2: 3,4,", "and a class"]),
            ("1,2\n3,4,5\n", ["line 2: 3,4,5", "two finite numbers"]),
            ("1,2,a\n3,4,a\n", ["the class 'a'", "at least two classes"]),
            ("1,2\n1,2\n", ["2 points", "two different points"]),
            ("x,y\n", ["0 points", "two different points"]),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains("points.csv") && words.iter().all(|w| message.contains(w)), "{message}");
        }
    }
}
