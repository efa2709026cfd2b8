// Facts about the part tree: where parts begin and end, how they are numbered, what is too much.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct MessageTreeTests {
    /// The leaves as `section type content`.
    private func leaves(_ text: String) -> [String] {
        let tree = MessageTree(parsing: Array(text.utf8))
        return tree.leaves.map { index in
            let content = String(decoding: tree.content(of: index), as: UTF8.self)
            return "\(tree.section(of: index)) \(tree.parts[index].mediaType) \(content)"
        }
    }

    /// A multipart with boundary `b` whose body is `text`.
    private func multipart(_ text: String) -> String {
        "Content-Type: multipart/mixed; boundary=b\n\n" + text
    }

    @Test("a message without type is one text, numbered 1")
    func plain() {
        #expect(leaves("Subject: x\n\nhello\n") == ["1 text/plain hello\n"])
        #expect(leaves("\nhello") == ["1 text/plain hello"])
        #expect(leaves("") == ["1 text/plain "])
    }

    @Test("the line end before a delimiter belongs to the delimiter, the preamble to nobody")
    func delimiters() {
        let lf = multipart("pre\n--b\n\none\n\n--b\nContent-Type: text/html\n\ntwo\n--b--\nepi\n")
        #expect(leaves(lf) == ["1 text/plain one\n", "2 text/html two"])
        let crlf = multipart("--b\n\none\n--b  \t\n\ntwo\n--b--\n").split(
            separator: "\n",
            omittingEmptySubsequences: false
        ).joined(separator: "\r\n")
        #expect(leaves(crlf) == ["1 text/plain one", "2 text/plain two"])
    }

    @Test("parts of nested multiparts and messages have the numbers of RFC 3501 6.4.5")
    func sections() {
        let text = """
            Content-Type: multipart/mixed; boundary=a

            --a
            Content-Type: text/plain

            A
            --a
            Content-Type: message/rfc822

            Subject: inner
            Content-Type: multipart/alternative; boundary=b

            --b

            B
            --b
            Content-Type: text/html

            C
            --b--
            --a
            Content-Type: message/rfc822

            Subject: single

            D
            --a--
            """
        #expect(
            leaves(text) == [
                "1 text/plain A", "2.1 text/plain B", "2.2 text/html C", "3.1 text/plain D",
            ]
        )
        let tree = MessageTree(parsing: Array(text.utf8))
        #expect(
            tree.parts.indices.map { tree.section(of: $0) }
                == ["", "1", "2", "2", "2.1", "2.2", "3", "3.1"]
        )
        #expect(tree.parts.map(\.depth) == [0, 1, 1, 2, 3, 3, 1, 2])
        #expect(tree.structure.part("2.2")?.mediaType == "text/html")
    }

    @Test("a message that is a message has its content at 1.1")
    func messageAtTop() {
        #expect(
            leaves("Content-Type: message/rfc822\n\nSubject: x\n\ny") == ["1.1 text/plain y"]
        )
    }

    @Test("in a digest a part without type is a message (RFC 2046 5.1.5)")
    func digest() {
        let text = "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--\n"
        #expect(leaves(text) == ["1.1 text/plain y"])
    }

    @Test("a message in a transfer encoding is a leaf: nothing in it has a section number")
    func encodedMessage() {
        let head = "Content-Type: message/global\nContent-Transfer-Encoding: base64\n\n"
        #expect(leaves(head + "QTogYgoKYw==") == ["1 message/global A: b\n\nc"])
    }

    @Test(
        "what two independent readers make of broken multiparts",
        arguments: [
            // no delimiter, no boundary, an empty one
            ("text\n", ["1 multipart/mixed text\n"]),
            // the end is missing: the last line end would belong to the delimiter
            ("--b\n\none\n", ["1 text/plain one"]),
            // delimiters behind each other have no part between them
            ("--b\n--b\n\none\n--b--", ["1 text/plain one"]),
            ("--b\n\none\n--b", ["1 text/plain one"]),
            // closed before any part
            ("--b--\nrest\n", ["1 multipart/mixed "]),
            // text behind a close-delimiter
            ("--b\n\none\n--b-->\nrest\n", ["1 text/plain one"]),
            // text behind a delimiter: content
            ("--b\n\none\n--bb\n--b--\n", ["1 text/plain one\n--bb"]),
            // after the close-delimiter the same line is text
            ("--b\n\none\n--b--\n\n--b\n\ntwo\n", ["1 text/plain one"]),
            // the header has no empty line
            (
                "--b\nContent-Type: text/html\n--b\n\ntwo\n--b--",
                ["1 text/html ", "2 text/plain two"]
            ),
            // no header at all: the text is not lost
            ("--b\none line\n\nand more\n--b--", ["1 text/plain one line\n\nand more"]),
        ]
    )
    func broken(body: String, expected: [String]) {
        #expect(leaves(multipart(body)) == expected)
    }

    @Test("a delimiter of the outer multipart ends the inner one (RFC 2046 5.1.2)")
    func outerDelimiter() {
        let text = multipart(
            "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n"
        )
        #expect(leaves(text) == ["1.1 text/plain one", "2 text/plain two"])
    }

    @Test("a nested multipart with the boundary of the outer one is read as its writer meant")
    func sharedBoundary() {
        let inner =
            "Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n"
        #expect(
            leaves(multipart("--b\n\(inner)\n--b\n\nthree\n--b--\n"))
                == ["1.1 text/plain one", "1.2 text/plain two", "2 text/plain three"]
        )
    }

    @Test("boundaries stand in quotes, in RFC 2231 and with blanks in them")
    func boundaries() {
        for parameter in [
            "boundary=\"b\"", "boundary*=us-ascii''b", "boundary*0=b; boundary*1=\"\"",
        ] {
            let text = "Content-Type: multipart/mixed; \(parameter)\n\n--b\n\none\n--b--\n"
            #expect(leaves(text) == ["1 text/plain one"], "\(parameter)")
        }
        let blank = "Content-Type: multipart/mixed; boundary=\"b c\"\n\n--b c\n\none\n--b c--\n"
        #expect(leaves(blank) == ["1 text/plain one"])
    }

    @Test("an mbox line, a byte order mark and blank lines in front are skipped")
    func preamble() {
        for front in ["From a@b Mon Jan  1 00:00:00 2024\n", "\u{FEFF}", "   \n"] {
            let tree = MessageTree(parsing: Array((front + "Subject: x\n\ny").utf8))
            #expect(tree.header.subject == "x", "\(front)")
        }
    }

    @Test("header, body and content of a part stand where the ranges say")
    func ranges() throws {
        let text = multipart("--b\nX: 1\n\nbody\n--b--\n")
        let octets = Array(text.utf8)
        let tree = MessageTree(parsing: octets)
        let part = try #require(tree.parts.last)
        #expect(String(decoding: octets[part.header], as: UTF8.self) == "X: 1\n\n")
        #expect(String(decoding: octets[part.body], as: UTF8.self) == "body")
        #expect(tree.header(of: 1).first("x")?.unfolded == Array("1".utf8))
        #expect(tree.header(of: 1).octetCount == 6)
    }

    @Test("the transfer encoding is the field's first word")
    func encoding() {
        for value in ["base64", " Base64 ; x", "\"base64\"", "base64 (comment)"] {
            let text = "Content-Transfer-Encoding: \(value)\n\naGk="
            #expect(leaves(text) == ["1 text/plain hi"], "\(value)")
        }
    }

    @Test("file names are decoded, the disposition's before the type's")
    func fileNames() {
        let text = """
            Content-Type: application/pdf; name="a.pdf"
            Content-Disposition: attachment; filename*=utf-8''%C3%A4.pdf

            """
        let tree = MessageTree(parsing: Array(text.utf8))
        #expect(tree.fileName(of: 0) == "ä.pdf")
        #expect(tree.structure.parts.first?.disposition == "attachment")
    }
}
