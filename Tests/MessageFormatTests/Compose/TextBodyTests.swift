// Facts about the encoding of texts.

import Testing

@testable import MessageFormat

@Suite struct TextBodyTests {
    private static let long = String(repeating: "x", count: 999)

    @Test(
        "the encoding is the least that is safe on the way",
        arguments: [
            ("plain\n", "7bit", "7bit", "us-ascii"), ("", "7bit", "7bit", "us-ascii"),
            (String(repeating: "x", count: 998), "7bit", "7bit", "us-ascii"),
            (long, "quoted-printable", "quoted-printable", "us-ascii"),
            ("esc \u{1B}", "quoted-printable", "quoted-printable", "us-ascii"),
            ("Viele Grüße an alle Freunde", "quoted-printable", "8bit", "utf-8"),
            ("日本語", "base64", "8bit", "utf-8"),
            ("ä " + long, "quoted-printable", "quoted-printable", "utf-8"),
            (String(repeating: "日", count: 333), "base64", "base64", "utf-8"),
            ("ä\u{0B}", "base64", "base64", "utf-8"),
            ("--=_0\n", "quoted-printable", "quoted-printable", "us-ascii"),
            ("x --=_0\n", "7bit", "7bit", "us-ascii"),
        ]
    )
    func encoding(text: String, sevenBit: String, eightBit: String, charset: String) {
        let octets = Array(text.utf8)
        #expect(TextBody(octets).encoding == sevenBit)
        #expect(TextBody(octets, form: .eightBit).encoding == eightBit)
        #expect(TextBody(octets, form: .internationalized).encoding == eightBit)
        #expect(TextBody(octets).charset == charset)
    }

    @Test("quoted-printable begins no line with a dot, `From ` or a delimiter of ours")
    func quotedPrintable() {
        let text = ".a\u{1}\nFrom b\n--=_c\n" + String(repeating: "d", count: 75) + ".From e\n"
        let body = TextBody(Array(text.utf8))
        let lines = String(decoding: body.octets, as: UTF8.self)
        let expected =
            "=2Ea=01\r\n=46rom b\r\n--=3D_c\r\n" + String(repeating: "d", count: 75)
            + "=\r\n=2EFrom e\r\n"
        #expect(lines == expected)
        let soft = TextBody(Array((String(repeating: "d", count: 75) + "From e\u{1}").utf8))
        #expect(
            String(decoding: soft.octets, as: UTF8.self)
                == String(repeating: "d", count: 75) + "=\r\n=46rom e=01\r\n"
        )
    }

    @Test("flowed text is labelled and encoded like any other")
    func flowed() {
        let body = TextBody(Array("ä ä \n".utf8), isFlowed: true)
        #expect(body.isFlowed)
        #expect(body.encoding == "base64")
        #expect(TextBody(Array("a ".utf8), isFlowed: true).octets == Array("a\r\n".utf8))
    }
}
