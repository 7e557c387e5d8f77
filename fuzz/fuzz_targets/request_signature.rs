//! Whatever a request says of its signature is read or refused; what is read is what its key signs,
//! and no key but its own.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use symbolon_core::Timestamp;
use symbolon_core::http_signature::{Algorithm, Component, Form, Key, Policy, Request, find};

fuzz_target!(|data: &[u8]| {
    // Lines: method, target, authority, then fields as `name:value`.
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let (method, target, authority) = (text(), text(), text());
    let fields: Vec<_> = lines
        .filter_map(|line| line.split_at_checked(line.iter().position(|byte| *byte == b':')?))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.get(1..).unwrap_or_default()))
        .collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_slice(), *value)).collect();
    for (_, value) in &fields {
        if let Ok(text) = std::str::from_utf8(value)
            && let Ok(component) = Component::parse(text)
        {
            assert_eq!(Component::parse(&component.to_string()), Ok(component));
        }
    }
    let request = Request {
        method,
        target,
        absolute: None,
        authority,
        scheme: "https",
        version: "HTTP/1.1",
        fields: &fields,
    };
    let policy = Policy { clock_skew: Duration::MAX, ..Policy::default() };
    let Ok(key) = Key::shared(b"a secret that nobody signs with", &Algorithm::ALL[..4]) else {
        return;
    };
    for form in Form::ALL {
        let Ok(found) = find(&request, &[form]) else { continue };
        for signature in found {
            assert_eq!(signature.form(), form);
            let _ = signature.check(&policy, Timestamp::from_secs(1_700_000_000));
            let _ = signature.body_digest(&request).map(|digest| digest.map(|one| one.is_of(b"x")));
            // Nobody guesses an HMAC.
            assert!(signature.verify(Some(&key), &policy).is_err());
            assert!(signature.verify(None, &policy).is_err());
        }
    }
    let _ = find(&request, &Form::ALL);
});
