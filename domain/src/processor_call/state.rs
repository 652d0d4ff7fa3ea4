//! A call as its events leave it.

use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::event::Answer;
use crate::id::ProcessorCallId;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorCall {
    pub(super) id: Option<ProcessorCallId>,
    pub(super) asked: Option<Box<Asked>>,
    pub(super) answer: Option<Answer>,
}

impl ProcessorCall {
    pub fn asked(&self) -> Option<&Asked> {
        self.asked.as_deref()
    }

    /// What the processor answered; `None` while it is not known.
    pub fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }
}
