//! What receipts say was done to spare memory.

use smbench_core::message::ReceiptInfo;
use smbench_core::study::Study;

use crate::document::{Document, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel};
use crate::section::theme::{self, Theme};

/// Implementations are named up to so many; the header has all of them.
const NAMED: usize = 4;

/// A point for each contender with a receipt that counts a pool.
pub fn write(study: &Study, panel: &Panel) -> Document {
    let mut document = Document::default();
    let concerned = panel.cases(study).iter().any(|case| theme::is_model(case) || Theme::of(case) == Theme::Memory);
    if concerned {
        document.list(panel.contenders.iter().filter_map(|contender| of(study, contender)).collect());
    }
    document
}

fn of(study: &Study, contender: &Contender) -> Option<Text> {
    let receipts: Vec<&ReceiptInfo> = study
        .rows_of(contender.run)
        .filter(|(_, row)| row.alias == contender.alias)
        .filter_map(|(_, row)| row.receipt.as_ref())
        .collect();
    let pool = pool(&receipts)?;
    let mut words: Vec<&str> = receipts.iter().map(|receipt| receipt.implementation.as_str()).collect();
    words.retain(|words| !words.is_empty());
    words.sort_unstable();
    words.dedup();
    Some(ran(Text::code(&*contender.label).plain(format!(": {pool}")), &words))
}

/// Words may hold any mark, so each of them is set apart.
fn ran(mut text: Text, words: &[&str]) -> Text {
    for (index, words) in words.iter().take(NAMED).enumerate() {
        text = text.plain(if index == 0 { "; ran " } else { ", " }).and(Tone::Code, *words);
    }
    if words.len() > NAMED { text.plain(format!(" and {} more", words.len() - NAMED)) } else { text }
}

/// A plugin counts from its beginning: the receipt that has counted most tells most.
fn pool(receipts: &[&ReceiptInfo]) -> Option<String> {
    let asked = |receipt: &ReceiptInfo| receipt.pool_hits + receipt.pool_misses;
    let most = receipts.iter().max_by_key(|receipt| asked(receipt)).filter(|receipt| asked(receipt) > 0)?;
    let [hits, all] = [most.pool_hits, asked(most)].map(figure::thousands);
    Some(match most.pool_hits {
        0 => format!("none of {all} blocks came from a pool"),
        some => {
            format!("{hits} of {all} blocks ({}) came from its pool", figure::share(some as f64 / asked(most) as f64))
        }
    })
}
