// Facts about the form of written header fields.

import Testing

@testable import MessageFormat

@Suite struct HeaderWriterTests {
    private func subject(_ text: String) -> String {
        var writer = HeaderWriter()
        writer.text("Subject", Array(text.utf8))
        return String(decoding: writer.octets, as: UTF8.self)
    }

    /// A name as `HeaderText` reads it behind quotes: what looks encoded there is decoded.
    static func quotedless(_ text: String) -> [UInt8] {
        // Names that look encoded are sent as encoded words, and are then decoded once only.
        text == "=?utf-8?q?x?="
            ? Array("=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=".utf8) : Array(text.utf8)
    }

    @Test(
        "only what needs it is encoded, in the shorter way",
        arguments: [
            ("Hello world", "Subject: Hello world\r\n"),
            ("Re: Grüße an alle", "Subject: Re: =?UTF-8?B?R3LDvMOfZQ==?= an alle\r\n"),
            ("日本", "Subject: =?UTF-8?B?5pel5pys?=\r\n"),
            ("a =?xyz", "Subject: a =?UTF-8?B?PT94eXo=?=\r\n"),
            ("Käse und Brot für alle", "Subject: =?UTF-8?Q?K=C3=A4se_und_Brot_f=C3=BCr?= alle\r\n"),
            ("", "Subject:\r\n"),
            (
                "See https://test.com/\(String(repeating: "u", count: 60)) now",
                "Subject: See =?UTF-8?Q?https=3A//test=2Ecom/\(String(repeating: "u", count: 30))?=\r\n"
                    + " =?UTF-8?Q?\(String(repeating: "u", count: 30))?= now\r\n"
            ),
        ]
    )
    func encoding(text: String, field: String) {
        #expect(subject(text) == field)
    }

    @Test("encoded words have at most 75 characters, whole scalars, and lines of at most 76")
    func words() throws {
        for text in [String(repeating: "ä💩日", count: 200), String(repeating: "aé", count: 300)] {
            let lines = Array(subject(text).utf8).split(separator: 0x0A).map { $0.dropLast() }
            #expect(lines.allSatisfy { $0.count <= 76 })
            var joined = ""
            for line in lines {
                let word = Array(line.split(separator: 0x20).last ?? [])
                #expect(word.count <= 75)
                let part = HeaderText.decode(word)
                #expect(!part.unicodeScalars.contains("\u{FFFD}"))
                joined += part
            }
            #expect(joined == text)
        }
    }
}
