//! How is a rounded whole split over exact fractions of any sign? By largest remainder, so that the parts sum to the
//! whole and each is its fraction rounded down or up. It never rounds the whole itself.

/// Splits `whole` over the fractions `numerators ÷ denominator`: each gets its fraction rounded down, and the units left
/// go to the largest remainders, ties to the earlier. `whole` is the fractions' sum rounded down or up, so that no part
/// gets more than one of them; the denominator is positive.
pub(super) fn apportion(whole: i128, numerators: &[i128], denominator: i128) -> Vec<i128> {
    let mut parts: Vec<i128> = numerators.iter().map(|numerator| numerator.div_euclid(denominator)).collect();
    let left = whole - parts.iter().sum::<i128>();
    let mut by_remainder: Vec<(i128, &mut i128)> =
        numerators.iter().map(|numerator| numerator.rem_euclid(denominator)).zip(&mut parts).collect();
    // The sort is stable: among equal remainders the earlier part stays first.
    by_remainder.sort_by_key(|(remainder, _)| -remainder);
    for (_, part) in by_remainder.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        *part += 1;
    }
    parts
}
