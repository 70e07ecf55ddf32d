//! The models among a panel's cases, and what their parameters say of them.

use std::collections::BTreeMap;

use serde_json::Value;
use smbench_core::case::Case;
use smbench_core::study::Study;

use crate::figure;
use crate::panel::Panel;
use crate::section::theme;

/// A model with a number of threads, and what is done with it.
pub struct Model<'a> {
    /// `model_small (f32, 1 thread)`.
    pub title: String,
    /// Its phases, in the order of the plan.
    pub cases: Vec<&'a Case>,
}

/// The models among a panel's cases, in the order of the plan.
pub fn models<'a>(study: &'a Study, panel: &Panel) -> Vec<Model<'a>> {
    let mut models: Vec<Model> = Vec::new();
    for case in panel.cases(study).into_iter().filter(|case| theme::is_model(case)) {
        let title = title(case);
        match models.iter_mut().find(|model| model.title == title && fixed(model.cases[0]) == fixed(case)) {
            Some(model) => model.cases.push(case),
            None => models.push(Model { title, cases: vec![case] }),
        }
    }
    models
}

/// The suite, and the model's name where a suite has several.
fn title(case: &Case) -> String {
    let mut rest = case.id.split('/').skip(3);
    let dtype = rest.next().map_or_else(String::new, |dtype| format!("{dtype}, "));
    let name: String = rest.map(|name| format!("/{name}")).collect();
    format!("{}{name} ({dtype}{})", case.suite, figure::count(case.threads as usize, "thread"))
}

/// All parameters but the phase, and what another tool calls it: what makes it this model.
fn fixed(case: &Case) -> BTreeMap<&str, &Value> {
    let is_fixed = |name: &str| !["phase", "reported_as"].contains(&name);
    case.params.iter().filter(|(name, _)| is_fixed(name)).map(|(name, value)| (name.as_str(), value)).collect()
}

impl Model<'_> {
    /// `470,528 parameters: 2 layers of width 128, 4 heads, …`; only a creation knows how many parameters there are. Nothing
    /// is known of another tool's.
    pub fn about(&self) -> Option<String> {
        let creation = self.cases.iter().find(|case| case.op() == "creation" && case.cost.elements > 0);
        let parameters = creation.map(|case| figure::thousands(case.cost.elements) + " parameters");
        let params = &self.cases[0].params;
        let number = |name: &str| params.get(name).and_then(Value::as_u64).map(figure::thousands);
        let word = |name: &str| params.get(name).and_then(Value::as_str).map(str::to_owned);
        let layers = number("layers").zip(number("width"));
        let parts = [
            layers.map(|(layers, width)| format!("{layers} layers of width {width}")),
            number("heads").map(|heads| format!("{heads} heads")),
            number("hidden").map(|hidden| format!("{hidden} hidden")),
            number("vocabulary").map(|vocabulary| format!("vocabulary of {vocabulary}")),
            number("context").map(|context| format!("context of {context}")),
            word("normalisation"),
            word("activation"),
        ];
        let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let parts = Some(parts).filter(|parts| !parts.is_empty());
        let said: Vec<String> = parameters.into_iter().chain(parts).collect();
        (!said.is_empty()).then(|| said.join(": "))
    }
}

/// `decode 4x10+24`
pub fn name(case: &Case) -> String {
    format!("{} {}", case.op(), case.size())
}

/// What is done in one call, and what the cache takes.
pub fn about_phase(case: &Case) -> String {
    if let Some(method) = case.params.get("reported_as").and_then(Value::as_str) {
        return format!("Reported as {method}; the report does not say what it does.");
    }
    let field = |name: &str| case.params.get("phase")?.get(case.op())?.get(name)?.as_u64();
    let [prompt, tokens] = ["prompt", "tokens"].map(|name| figure::thousands(field(name).unwrap_or(0)));
    let what = match case.op() {
        "creation" => "The weights are loaded and prepared, a cache is made; then all is released.".to_owned(),
        "prefill" => format!("A prompt of {tokens} tokens goes through the model and fills the cache."),
        "inference" => {
            format!("{tokens} tokens after a prompt of {prompt}, without a cache: the whole context again for each.")
        }
        _ => format!("{tokens} tokens after a prompt of {prompt}, whose cache is there already."),
    };
    let batch = field("batch").filter(|&batch| batch > 1);
    let batch =
        batch.map_or_else(String::new, |batch| format!(" {batch} sequences side by side, a token each in every step."));
    let kv_bytes = case.tokens.and_then(|tokens| tokens.kv_bytes);
    let cache = kv_bytes
        .map_or_else(String::new, |bytes| format!(" Key and value cache: {} per token.", figure::bytes(bytes as f64)));
    what + &batch + &cache
}
