use viewlane_core::SourceText;

use super::*;
use crate::{
    Lane,
    fixtures::{lane_in, refusal},
};

fn guarded<'a>(lane: &Lane, text: &'a SourceText) -> Result<Guarded<'a>, Rejection> {
    guard(lane.policy(), text.into())
}

#[test]
fn all_markers_are_told_with_their_places() {
    let lane = lane_in("generic");
    let text = SourceText::new("q.sql", "select {{ a }},\n  :b from t");
    let rejection = guarded(&lane, &text).unwrap_err();
    insta::assert_snapshot!(refusal(&rejection), @"
    VL-P0101: `{{` begins a template, not SQL @ 1:8 `{{`
      help: render the template first: a view is plain SQL
    VL-P0102: `:b` is a parameter, and there is nobody to give it a value @ 2:3 `:b`
      help: write the value itself: views take no parameters
    ");
}
