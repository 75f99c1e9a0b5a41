//! Who gets which access, and why: sites in trouble, rules, and what must hold on every site.

mod causes;
mod disagreements;
mod incidents;
mod invariants;
mod rest;
mod rules;
