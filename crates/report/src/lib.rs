//! Plain numbers to figures to one self-contained HTML page.
//!
//! [`ReportData`] holds every number a report shows; [`render`] makes the page, [`figures`] the same drawings
//! as SVG files. Nothing here knows a model, touches the disk or computes science: a report can be made again
//! from the numbers alone.
//!
//! The page fetches nothing, follows the light or dark theme of the reader, and prints. Drawings are our own
//! small SVG, coloured by CSS variables; images inside them are PNG.
//!
//! # Examples
//! ```
//! use neuroloom_report::{Card, Header, Reference, ReportData, render};
//!
//! let data = ReportData {
//!     header: Header {
//!         title: "Mechanism of one worm".to_owned(),
//!         cards: vec![Card {
//!             label: "one-step R²".to_owned(),
//!             value: 0.66,
//!             beside: vec![Reference { label: "persistence".to_owned(), value: 0.637 }],
//!             ..Card::default()
//!         }],
//!         ..Header::default()
//!     },
//!     ..ReportData::default()
//! };
//! let page = render(&data)?;
//! assert!(page.contains("Mechanism of one worm") && page.contains("0.637"));
//! # Ok::<(), neuroloom_report::Error>(())
//! ```

mod check;
mod data;
mod downsample;
mod error;
mod figure;
mod number;
mod page;
mod palette;
mod section;
mod svg;

pub use data::*;
pub use downsample::{Pooling, downsample};
pub use error::Error;

use section::Block;

/// The whole page as one HTML string.
///
/// # Errors
/// [`Error::Length`] or [`Error::Value`] naming the field that does not fit its partners; [`Error::Image`] or
/// [`Error::Page`] where writing fails.
pub fn render(data: &ReportData) -> Result<String, Error> {
    page::page(data)
}

/// Every drawing as (name of the file without ending, SVG), in light colours and without outside references.
///
/// # Errors
/// As [`render`].
pub fn figures(data: &ReportData) -> Result<Vec<(String, String)>, Error> {
    let sections = section::all(data)?;
    let figures = sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Figure(figure) => Some(figure),
        _ => None,
    });
    let files = figures.flat_map(|figure| {
        figure
            .panels
            .iter()
            .map(|panel| (panel.stem.clone(), panel.svg.standalone(&figure.title, &figure.caption)))
    });
    Ok(files.collect())
}
