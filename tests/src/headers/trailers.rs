//! Trailers come after the decision, so none of them may say anything that was decided (RFC 9110
//! section 6.5.1).

use crate::harness::stage::Stage;

const HEAD: &str = "POST /public/x HTTP/1.1\r\nHost: shop.test\r\n\
                    Transfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n\r\n";

#[test]
fn a_trailer_names_nobody() {
    let stage = Stage::plain();
    let trailers = "Authorization: Bearer evil\r\nX-User: evil\r\nX_User: evil\r\n\
                    Cookie: symbolon=evil\r\nSymbolon-Session: evil\r\nContent-Length: 5\r\n\
                    Transfer-Encoding: evil\r\nHost: evil\r\nX-Forwarded-For: evil\r\n";
    let mut connection = stage.connect();
    connection.send(format!("{HEAD}2\r\nhi\r\n0\r\n{trailers}X-Checksum: 7\r\n\r\n").as_bytes());
    connection.response().expect(200);
    let received = stage.api.only_request();
    assert_eq!(received.message.body, b"hi");
    let trailers: Vec<_> = received.message.trailers.iter().collect();
    assert!(
        trailers.iter().all(|(name, _)| name.eq_ignore_ascii_case("x-checksum")),
        "{trailers:?}"
    );
    assert!(received.headers().iter().all(|(_, value)| !value.contains("evil")), "{received:?}");
}
