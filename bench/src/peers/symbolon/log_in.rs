//! Logging in as a browser does: the form is fetched, its hidden fields go back with the password.

use anyhow::{Context, Result, ensure};

use crate::{
    probe::{self, Answer},
    workload::COOKIE,
};

const PATH: &str = "/auth/login";

/// The header line with the cookie of a fresh session.
pub(super) fn cookie_line(port: u16, username: &str, password: &str) -> Result<String> {
    let form = probe::get(port, PATH, &[])?;
    ensure!(form.status == 200, "the log-in page: {form:?}");
    let mut fields = hidden_fields(&form.body);
    fields.push(("username".to_owned(), username.to_owned()));
    fields.push(("password".to_owned(), password.to_owned()));

    let before = format!("cookie: {}", cookies(&form).collect::<Vec<_>>().join("; "));
    let origin = format!("origin: http://127.0.0.1:{port}");
    let lines = [before.as_str(), &origin, "sec-fetch-site: same-origin"];
    let answer = probe::post_form(port, PATH, &lines, &encoded(&fields))?;
    let session = cookies(&answer)
        .find(|cookie| cookie.split_once('=').is_some_and(|(name, _)| name == COOKIE))
        .with_context(|| format!("no session after the log-in: {answer:?}"))?;
    Ok(format!("cookie: {session}"))
}

/// `name=value` of each cookie that the answer sets.
fn cookies(answer: &Answer) -> impl Iterator<Item = &str> {
    answer.headers("set-cookie").filter_map(|cookie| cookie.split(';').next())
}

fn hidden_fields(page: &str) -> Vec<(String, String)> {
    page.split("<input")
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter(|tag| attribute(tag, "type") == Some("hidden"))
        .filter_map(|tag| {
            let value = attribute(tag, "value").unwrap_or_default();
            Some((attribute(tag, "name")?.to_owned(), unescaped(value)))
        })
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0)
}

fn unescaped(value: &str) -> String {
    [("&#x2f;", "/"), ("&#39;", "'"), ("&#x27;", "'"), ("&quot;", "\""), ("&lt;", "<")]
        .into_iter()
        .chain([("&gt;", ">"), ("&amp;", "&")])
        .fold(value.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

fn encoded(fields: &[(String, String)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
        .collect();
    pairs.join("&")
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|octet| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(octet).to_string()
            }
            _ => format!("%{octet:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{encoded, hidden_fields};

    #[test]
    fn hidden_fields_go_back_as_they_were_meant() {
        let page = r#"<form><input type="hidden" name="return_to" value="&#x2f;a&amp;b">
                      <input name="username"><input name="csrf" type="hidden" value="x y"/></form>"#;
        assert_eq!(encoded(&hidden_fields(page)), "return_to=%2Fa%26b&csrf=x%20y");
    }
}
