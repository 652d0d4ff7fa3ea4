//! Two years of business for each tenant on the advanced clock, and what must be true of it afterwards: every figure of the
//! journal proven by hledger, every period billed once, every number given once.

mod business;
mod journal;
mod twenty_four_months;
