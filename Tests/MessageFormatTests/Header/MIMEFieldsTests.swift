// Facts about Content-Type and Content-Disposition.

import Testing

@testable import MessageFormat

@Suite struct MIMEFieldsTests {
    @Test(
        "what is no media type is text/plain",
        arguments: [
            ("Text/HTML; charset=utf-8", "text/html"), ("text / html", "text/html"),
            ("(c) text/html (d)", "text/html"), ("", "text/plain"), ("text", "text/plain"),
            ("text/", "text/plain"), ("plain", "text/plain"), ("/", "text/plain"),
            ("a/b/c", "text/plain"), ("multipart/mixed", "multipart/mixed"),
        ]
    )
    func types(text: String, type: String) {
        let field = ContentTypeField.parse(Array(text.utf8))
        #expect("\(field.type)/\(field.subtype)" == type)
    }

    @Test("a comment behind a value is dropped and the first of two values counts")
    func charset() {
        let text = "text/plain; charset=us-ascii (Plain text); format=flowed; charset=utf-8"
        let field = ContentTypeField.parse(Array(text.utf8))
        #expect(field.parameters.value("charset") == "us-ascii")
        #expect(field.parameters.value("format") == "flowed")
    }

    @Test("a boundary keeps its octets")
    func boundary() {
        let field = ContentTypeField.parse(Array("multipart/mixed;\r\n boundary=\"=?a b\"".utf8))
        #expect(field.parameters.octets("boundary") == Array("=?a b".utf8))
    }

    @Test(
        "a disposition without token is attachment",
        arguments: [
            ("INLINE; filename=x", "inline"), ("filename=x", "attachment"), ("", "attachment"),
            ("x-odd", "x-odd"), ("attachment filename=x", "attachment"),
        ]
    )
    func dispositions(text: String, token: String) {
        #expect(ContentDispositionField.parse(Array(text.utf8)).token == token)
    }
}
