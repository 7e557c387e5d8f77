//! What the claims look like as JSON, and what their helpers answer.

use serde_json::json;

use super::Claims;

fn smallest() -> Claims {
    serde_json::from_value(json!({
        "iss": "https://shop.example/auth/internal", "sub": "alice", "aud": "orders",
        "exp": 1_060, "iat": 1_000, "jti": "t1",
    }))
    .unwrap()
}

#[test]
fn empty_claims_are_left_out_of_the_json() {
    let text = serde_json::to_string(&smallest()).unwrap();
    assert_eq!(
        text,
        r#"{"iss":"https://shop.example/auth/internal","sub":"alice","aud":"orders","exp":1060,"iat":1000,"jti":"t1"}"#
    );
}

#[test]
fn every_claim_survives_the_round_trip() {
    let mut claims = smallest();
    claims.client_id = Some("web".into());
    claims.sid = Some("s1".into());
    claims.acr = Some("mfa".into());
    claims.amr = vec!["pwd".into(), "otp".into()];
    claims.auth_time = Some(990);
    claims.roles = vec!["customer".into()];
    claims.groups = vec!["staff".into()];
    claims.scope = Some("orders:read orders:write".into());
    claims.session.insert("cart".into(), json!({"a": {"sku": "x"}}));
    claims.generation = Some(7);

    let text = serde_json::to_string(&claims).unwrap();
    assert_eq!(serde_json::from_str::<Claims>(&text).unwrap(), claims);
}

#[test]
fn a_list_of_audiences_is_not_an_internal_token() {
    let mut value = serde_json::to_value(smallest()).unwrap();
    value["aud"] = json!(["orders"]);
    assert!(serde_json::from_value::<Claims>(value).is_err());
}

#[test]
fn scopes_roles_and_groups_match_whole_names_only() {
    let mut claims = smallest();
    claims.scope = Some("orders:read  profile".into());
    claims.roles = vec!["customer".into()];
    claims.groups = vec!["staff".into()];

    assert_eq!(claims.scopes().collect::<Vec<_>>(), ["orders:read", "profile"]);
    assert!(claims.has_scope("profile") && !claims.has_scope("orders") && !claims.has_scope(""));
    assert!(claims.has_role("customer") && !claims.has_role("cust"));
    assert!(claims.in_group("staff") && !claims.in_group("Staff"));
}
