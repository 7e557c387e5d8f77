//! The little that the tests read out of a page.

/// The hidden fields of the form with this `action`.
#[track_caller]
pub(crate) fn hidden_fields(page: &str, action: &str) -> Vec<(String, String)> {
    let form = forms(page, action).next();
    let form = form.unwrap_or_else(|| panic!("no form for {action} in {page}"));
    fields_of(form)
}

/// The hidden fields of every form with this `action`.
pub(crate) fn all_hidden_fields(page: &str, action: &str) -> Vec<Vec<(String, String)>> {
    forms(page, action).map(fields_of).collect()
}

/// The forms with this `action`, from their opening tag to their end.
fn forms<'a>(page: &'a str, action: &'a str) -> impl Iterator<Item = &'a str> {
    page.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next()).filter(
        move |form| {
            let tag = form.split('>').next().unwrap_or_default();
            attribute(tag, "action").is_some_and(|value| unescaped(value) == action)
        },
    )
}

fn fields_of(form: &str) -> Vec<(String, String)> {
    form.split("<input")
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter(|tag| attribute(tag, "type") == Some("hidden"))
        .map(|tag| {
            let value = attribute(tag, "value").unwrap_or_default();
            (attribute(tag, "name").unwrap().to_owned(), unescaped(value))
        })
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0)
}

fn unescaped(value: &str) -> String {
    let escapes = [
        ("&#x2f;", "/"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    escapes.into_iter().fold(value.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}
