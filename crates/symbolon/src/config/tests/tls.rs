//! What is wrong with certificates is told at start, at the place that names the file.

use super::mistakes;

const PAIR: &str = "{ cert_file: tls/site.pem, key_file: tls/site.key }";

/// The mistakes of one listener, without where they stand in it.
fn of_listener(keys: &str) -> Vec<String> {
    of_listener_at("https://a.example", keys)
}

fn of_listener_at(public_url: &str, keys: &str) -> Vec<String> {
    let text = format!(
        "public_url: {public_url}\nservices: {{}}\nroutes: []\nlisteners:\n\
         - {{ address: 127.0.0.1:0, {keys} }}\n"
    );
    mistakes(&text)
}

#[track_caller]
fn is_told(told: &[String], place: &str, end: &str) {
    let is_it = told.len() == 1 && told[0].starts_with(place) && told[0].ends_with(end);
    assert!(is_it, "{told:?}");
}

#[test]
fn a_file_that_is_missing_is_told_where_it_is_named() {
    let pair = "{ cert_file: tls/site.pem, key_file: tls/gone.key }";
    let told = of_listener(&format!("tls: {{ certificates: [{pair}] }}"));
    is_told(&told, "5:86 ", "tls/gone.key` cannot be read: No such file or directory (os error 2)");
    let pair = "{ cert_file: tls/gone.pem, key_file: tls/site.key }";
    let told = of_listener(&format!("tls: {{ certificates: [{pair}] }}"));
    is_told(&told, "5:62 ", "tls/gone.pem` cannot be read: No such file or directory (os error 2)");
}

#[test]
fn a_key_has_to_fit_its_certificate() {
    let pair = "{ cert_file: tls/site.pem, key_file: tls/other.key }";
    let told = of_listener(&format!("tls: {{ certificates: [{PAIR}, {pair}] }}"));
    assert!(
        told.len() == 1 && told[0].contains("tls/other.key` is not that of the certificate"),
        "{told:?}"
    );
}

#[test]
fn a_file_holds_what_it_should() {
    for (pair, message) in [
        (
            "{ cert_file: tls/site.key, key_file: tls/site.key }",
            "holds no usable certificate: there is none in it",
        ),
        (
            "{ cert_file: tls/site.pem, key_file: tls/site.pem }",
            "holds no usable private key: no items found",
        ),
    ] {
        let told = of_listener(&format!("tls: {{ certificates: [{pair}] }}"));
        assert!(told.len() == 1 && told[0].contains(message), "{told:?}");
    }
    let clients = "client_certificates: { ca_file: tls/site.pem, crl_file: tls/site.pem }";
    let told = of_listener(&format!("tls: {{ certificates: [{PAIR}], {clients} }}"));
    assert!(told.len() == 1 && told[0].contains("no usable revocation list"), "{told:?}");
}

#[test]
fn all_certificates_are_looked_at() {
    let pairs = "{ cert_file: tls/a.pem, key_file: b }, { cert_file: tls/c.pem, key_file: d }";
    let told = of_listener(&format!(
        "tls: {{ certificates: [{pairs}], client_certificates: {{ ca_file: tls/e.pem }} }}"
    ));
    assert_eq!(told.len(), 3, "{told:?}");
}

#[test]
fn a_listener_does_not_contradict_itself() {
    let tls = format!("tls: {{ certificates: [{PAIR}] }}");
    for (keys, message) in [
        ("hsts: {}".to_owned(), "`hsts` holds over TLS only: this listener has no `tls`"),
        (
            format!("{tls}, redirect_to_https: true"),
            "a listener with `tls` cannot send away to itself",
        ),
        (
            "proxy_protocol: required".to_owned(),
            "`proxy_protocol: required` without `trusted_proxies` lets nobody in",
        ),
        (
            format!("{tls}, hsts: {{ preload: true }}"),
            "`preload` needs `include_subdomains` and a `max_age` of at least `365d`",
        ),
    ] {
        is_told(&of_listener(&keys), "5:", message);
    }
    for (keys, message) in [
        (format!("{tls}, hsts: {{}}"), "`hsts` needs a `public_url` with https"),
        (
            "redirect_to_https: true".to_owned(),
            "`redirect_to_https` needs a `public_url` with https",
        ),
    ] {
        is_told(&of_listener_at("http://a.example", &keys), "5:", message);
    }
}

#[test]
fn the_tls_of_a_service_does_not_contradict_itself() {
    for (target, tls, message) in [
        ("http://a:1", "{}", "`tls` is of no use: nothing here is reached over it"),
        (
            "https://a:1",
            "{ ca_file: tls/site.pem, client_cert_file: tls/site.pem }",
            "`client_cert_file` and `client_key_file` belong together",
        ),
        (
            "https://a:1",
            "{ ca_file: tls/site.pem, server_name: a/b }",
            "`server_name` must be a host name or an IP address",
        ),
        (
            "https://a:1",
            "{ ca_file: tls/gone.pem }",
            "tls/gone.pem` cannot be read: No such file or directory (os error 2)",
        ),
        (
            "https://a:1",
            "{ ca_file: tls/site.pem, danger_accept_any_certificate: true }",
            "`ca_file` is of no use with `danger_accept_any_certificate`",
        ),
    ] {
        let text = format!(
            "public_url: https://a.example\nservices: {{ s: {{ targets: [{target}], tls: {tls} }} }}\nroutes: []\n"
        );
        is_told(&mistakes(&text), "2:", message);
    }
}
