//! Who gets which access, and why: sites in trouble, rules, and what must hold on every site.

mod incidents;
mod invariants;
mod rules;
