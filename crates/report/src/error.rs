//! What can be wrong with the numbers of a report.

/// Why a report could not be drawn. Every variant says what was given, what is allowed and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two lists that belong together have different lengths.
    #[error("report data: `{place}` has {given} entries, expected {allowed}")]
    Length {
        /// Path of the field, such as `recording.traces[2].values`.
        place: String,
        /// Its length.
        given: usize,
        /// The length that is allowed and where it comes from.
        allowed: String,
    },
    /// A number that names a row or a group points outside.
    #[error("report data: `{place}` is {given}, allowed: {allowed}")]
    Value {
        /// Path of the field.
        place: String,
        /// Its value.
        given: String,
        /// The values that are allowed.
        allowed: String,
    },
    /// An image could not be encoded.
    #[error("could not encode the image of a figure as PNG")]
    Image(#[from] png::EncodingError),
    /// The page could not be put together.
    #[error("could not fill the page template")]
    Page(#[from] askama::Error),
}
