//! Linear readouts: ridge regression and the vector autoregression.
