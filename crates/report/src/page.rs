//! The page: sections poured into one HTML file that needs nothing else.

use askama::Template;

use crate::data::{Header, Reference, ReportData};
use crate::figure::Panel;
use crate::number::readable;
use crate::palette::{self, Theme};
use crate::section::{Block, Section};
use crate::{Error, section};

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    header: &'a Header,
    cards: Vec<CardView<'a>>,
    sections: &'a [Section],
    style: String,
    script: String,
}

/// A key number as text.
struct CardView<'a> {
    label: &'a str,
    value: String,
    unit: &'a str,
    note: &'a str,
    beside: Vec<(&'a str, String)>,
}

const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");

/// Fills the template.
///
/// # Errors
/// Whatever a section says of its data, or [`Error::Page`].
pub(crate) fn page(data: &ReportData) -> Result<String, Error> {
    let sections = section::all(data)?;
    let page = Page {
        header: &data.header,
        cards: cards(&data.header),
        sections: &sections,
        style: style(),
        script: script(),
    };
    Ok(page.render()?)
}

fn cards(header: &Header) -> Vec<CardView<'_>> {
    let beside = |reference: &'_ Reference| readable(reference.value);
    header
        .cards
        .iter()
        .map(|card| CardView {
            label: &card.label,
            value: readable(card.value),
            unit: &card.unit,
            note: &card.note,
            beside: card
                .beside
                .iter()
                .map(|reference| (reference.label.as_str(), beside(reference)))
                .collect(),
        })
        .collect()
}

fn style() -> String {
    let light = palette::css_variables(Theme::Light);
    let dark = palette::css_variables(Theme::Dark);
    STYLE.replace("/*light*/", &light).replace("/*dark*/", &dark)
}

fn script() -> String {
    SCRIPT.replace("/*light inks*/{}", &palette::light_inks_json())
}

impl Panel {
    /// The drawing as part of the page.
    fn inline(&self) -> String {
        self.svg.inline(&self.description)
    }
}
