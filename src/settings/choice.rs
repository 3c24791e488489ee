//! One of a few spans.

use super::Share;
use crate::port::Span;

/// A list of spans of which one is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Without shares all are alike.
    items: Vec<(Option<Share>, Span)>,
}

impl Choice {
    /// More are the work of a file of samples.
    pub const MOST: usize = 64;

    /// A choice among these spans: each with its share, together 100 %, or none with one.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the list.
    pub fn new(items: Vec<(Option<Share>, Span)>) -> Result<Choice, String> {
        if items.is_empty() {
            return Err("`choice` has nothing to choose from".into());
        }
        if items.len() > Choice::MOST {
            return Err(format!("`choice` has {} values; at most {}", items.len(), Choice::MOST));
        }
        let shares: Vec<Share> = items.iter().filter_map(|(share, _)| *share).collect();
        if shares.contains(&Share::NONE) {
            return Err("a value of `choice` with a share of 0% is never drawn; remove it".into());
        }
        if !shares.is_empty() && shares.len() < items.len() {
            return Err("either every value of `choice` has a share or none has".into());
        }
        let total: u32 = shares.iter().map(|share| share.ppm()).sum();
        if !shares.is_empty() && total != Share::ALL.ppm() {
            let whole = total / 10_000;
            let text = format!("{whole}.{:04}", total % 10_000);
            let text = text.trim_end_matches('0').trim_end_matches('.');
            return Err(format!("the shares of `choice` are {text}% together, not 100%"));
        }
        Ok(Choice { items })
    }

    /// The span that belongs to `draw`.
    pub(super) fn sample(&self, draw: u64) -> Span {
        let last = self.items.len() - 1;
        let millionth = ((u128::from(draw) * 1_000_000) >> 64) as u32;
        let mut below = 0;
        for (share, span) in &self.items {
            let Some(share) = share else { break };
            below += share.ppm();
            if millionth < below {
                return *span;
            }
        }
        let index = ((u128::from(draw) * self.items.len() as u128) >> 64) as usize;
        self.items[index.min(last)].1
    }

    /// The shortest and the longest of them.
    pub(super) fn bounds(&self) -> (Span, Span) {
        let spans = || self.items.iter().map(|(_, span)| *span);
        (spans().min().unwrap_or_default(), spans().max().unwrap_or_default())
    }

    /// The spans in order, each with its share.
    pub(super) fn items(&self) -> &[(Option<Share>, Span)] {
        &self.items
    }

    /// Half of all draws are this or shorter.
    pub(super) fn median(&self) -> Span {
        let mut sorted = self.items.clone();
        sorted.sort_by_key(|(_, span)| *span);
        let weight = |share: Option<Share>| share.map_or(1, |share| u64::from(share.ppm()));
        let total: u64 = sorted.iter().map(|(share, _)| weight(*share)).sum();
        let mut below = 0;
        let reaches = |(share, _): &&(Option<Share>, Span)| {
            below += weight(*share);
            below * 2 >= total
        };
        sorted.iter().find(reaches).map_or(Span::ZERO, |(_, span)| *span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighted(items: &[(u32, u64)]) -> Result<Choice, String> {
        let item = |&(percent, ms): &(u32, u64)| {
            (Some(Share::from_ppm(percent * 10_000)), Span::from_millis(ms))
        };
        Choice::new(items.iter().map(item).collect())
    }

    fn alike(millis: &[u64]) -> Choice {
        Choice::new(millis.iter().map(|ms| (None, Span::from_millis(*ms))).collect()).unwrap()
    }

    #[test]
    fn each_value_is_drawn_as_often_as_its_share_says() {
        let choice = weighted(&[(90, 40), (10, 2_000)]).unwrap();
        let draws = (0..1_000u64).map(|n| choice.sample(n * (u64::MAX / 1_000) + u64::MAX / 2_000));
        assert_eq!(draws.filter(|span| *span == Span::from_millis(40)).count(), 900);
    }

    #[test]
    fn values_without_shares_are_alike() {
        let choice = alike(&[1, 2, 3, 4]);
        for (quarter, millis) in (0..4u64).zip(1..) {
            let draw = quarter * (u64::MAX / 4) + u64::MAX / 8;
            assert_eq!(choice.sample(draw), Span::from_millis(millis));
        }
    }

    #[test]
    fn the_median_does_not_depend_on_the_order() {
        assert_eq!(alike(&[2_000, 20, 80]).median(), Span::from_millis(80));
        assert_eq!(weighted(&[(40, 2_000), (60, 40)]).unwrap().median(), Span::from_millis(40));
    }

    #[test]
    fn shares_that_are_not_the_whole_are_refused() {
        let message = |items: &[(u32, u64)]| weighted(items).unwrap_err();
        assert!(message(&[(90, 1), (9, 2)]).contains("99% together"));
        assert!(message(&[(90, 1), (20, 2)]).contains("110% together"));
        assert!(message(&[(100, 1), (0, 2)]).contains("never drawn"));
        assert!(Choice::new(vec![]).is_err());
        assert!(Choice::new(vec![(Some(Share::ALL), Span::TICK), (None, Span::TICK)]).is_err());
        assert!(Choice::new(vec![(None, Span::TICK); Choice::MOST]).is_ok());
        assert!(Choice::new(vec![(None, Span::TICK); Choice::MOST + 1]).is_err());
    }
}
