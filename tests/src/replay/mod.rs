//! Are the read models and the past of a stream the same whenever the log is gone over again, and is a log that was
//! tampered with found out?

mod as_of;
mod bed;
mod history;
mod interrupted;
mod poison;
mod racing;
mod rebuild;
mod verify;
