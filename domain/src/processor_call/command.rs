//! What can be done with a call to the processor.

use super::asked::Asked;
use super::event::Answer;
use crate::id::{CustomerId, ProcessorCallId};

#[derive(Debug, Clone)]
pub enum ProcessorCallCommand {
    /// An intent: the processor is to be asked, once.
    Request { id: ProcessorCallId, customer: Option<CustomerId>, asked: Box<Asked> },
    /// A fact: what the processor answered. The first answer stands; one to a call that nobody made is dropped.
    Answer { answer: Answer },
}
