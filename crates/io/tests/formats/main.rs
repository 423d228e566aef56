//! Files of every format, whole and damaged, as they are and after a round trip; one program, since linking is slow.

mod activity;
mod bad_input;
mod circuit_set;
mod exports;
mod layouts;
mod other_writers;
mod real_data;
mod round_trips;
mod speed;
