// Facts about the structure of composed messages.

import Foundation
import MailModel
import Testing

@testable import MessageFormat

@Suite struct EntityPlanTests {
    private func compose(
        _ form: WireForm = .sevenBit,
        _ contents: [[UInt8]] = [],
        _ edit: (inout Draft) -> Void
    ) throws -> String {
        let me = Draft.Mailbox(address: try AddrSpec("me@test.com".utf8))
        var draft = Draft(from: me, date: DateTime(unixSeconds: 0), messageID: "1@test.com")
        edit(&draft)
        var generator = SeededGenerator(seed: 1)
        let composer = try MessageComposer(draft, form: form, using: &generator)
        let message = ReadBack.assemble(composer, contents: contents)
        #expect(WireRules.fault(message, form: form) == nil)
        return String(decoding: message, as: UTF8.self)
    }

    /// The lines of a message that tell its structure, with boundaries by order of appearance.
    private func structure(_ message: String) -> [String] {
        var names: [String: String] = [:]
        return message.split(separator: "\r\n").compactMap { line in
            if line.hasSuffix("\""), let mark = line.range(of: " boundary=\"") {
                let boundary = String(line[mark.upperBound...].dropLast())
                names[boundary] = "B\(names.count + 1)"
                return line.hasPrefix("Content-") ? String(line[..<mark.lowerBound]) : nil
            }
            if line.hasPrefix("--=_") {
                let isEnd = line.hasSuffix("--")
                let boundary = String(line.dropFirst(2).dropLast(isEnd ? 2 : 0))
                return "--" + (names[boundary] ?? "?") + (isEnd ? "--" : "")
            }
            return line.hasPrefix("Content-") ? String(line) : nil
        }
    }

    @Test("text, HTML, images and files nest like this")
    func everything() throws {
        let message = try compose(.eightBit, [[1], [2], Array("A: b\n\nä\n".utf8)]) {
            $0.text = Array("Grüße".utf8)
            $0.isFlowed = true
            $0.html = Array("<img src=\"cid:i@x\">".utf8)
            $0.attachments = [
                DraftAttachment(name: Array("a.pdf".utf8)),
                DraftAttachment(
                    name: Array("i.png".utf8),
                    disposition: .inline,
                    contentID: "i@x"
                ),
                DraftAttachment(
                    name: Array("m.eml".utf8),
                    message: ContentScan(Array("A: b\n\nä\n".utf8))
                ),
            ]
        }
        let expected = [
            "Content-Type: multipart/mixed;", "Content-Transfer-Encoding: 8bit",
            "--B1", "Content-Type: multipart/alternative;", "Content-Transfer-Encoding: 8bit",
            "--B2", "Content-Type: text/plain; charset=utf-8; format=flowed",
            "Content-Transfer-Encoding: 8bit",
            "--B2", "Content-Type: multipart/related; type=\"text/html\";",
            "--B3", "Content-Type: text/html; charset=us-ascii", "Content-Transfer-Encoding: 7bit",
            "--B3", "Content-Type: image/png", "Content-Transfer-Encoding: base64",
            "Content-ID: <i@x>", "Content-Disposition: inline; filename=\"i.png\"",
            "--B3--", "--B2--",
            "--B1", "Content-Type: application/pdf", "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment; filename=\"a.pdf\"",
            "--B1", "Content-Type: message/rfc822", "Content-Transfer-Encoding: 8bit",
            "Content-Disposition: attachment; filename=\"m.eml\"",
            "--B1--",
        ]
        #expect(structure(message) == expected)
    }

    @Test("a frame with one part in it is left out")
    func single() throws {
        let html = try compose { $0.html = Array("<p>".utf8) }
        #expect(
            structure(html) == [
                "Content-Type: text/html; charset=us-ascii", "Content-Transfer-Encoding: 7bit",
            ]
        )
        let both = try compose {
            $0.text = Array("a".utf8)
            $0.html = Array("<p>".utf8)
        }
        #expect(structure(both).first == "Content-Type: multipart/alternative;")
        #expect(structure(both).filter { $0.hasPrefix("--") } == ["--B1", "--B1", "--B1--"])
    }

    @Test("an inline image without HTML is a part like any other")
    func inlineWithoutHTML() throws {
        let message = try compose(.sevenBit, [[1]]) {
            $0.attachments = [
                DraftAttachment(name: Array("i.png".utf8), disposition: .inline, contentID: "i@x")
            ]
        }
        #expect(structure(message).first == "Content-Type: multipart/mixed;")
        #expect(structure(message).contains("Content-Disposition: inline; filename=\"i.png\""))
    }

    @Test("a message that the way does not carry is sent as a file, octet for octet")
    func fallback() throws {
        let inner = Array("A: b\n\nä\n".utf8)
        let message = try compose(.sevenBit, [inner]) {
            $0.attachments = [
                DraftAttachment(name: Array("Lunch".utf8), message: ContentScan(inner))
            ]
        }
        let lines = structure(message)
        #expect(lines.contains("Content-Type: application/octet-stream"))
        #expect(lines.contains("Content-Disposition: attachment; filename=\"Lunch.eml\""))
        #expect(message.contains("\r\n\r\nQTogYgoKw6QK\r\n--=_"))
    }

    @Test("an attached message is never in base64, and stands in the message as it is")
    func attachedMessage() throws {
        let inner = "A: b\r\n\r\n--=_x\r\n.\r\nFrom y\r\n"
        for form in WireForm.allCases {
            let message = try compose(form, [Array(inner.utf8)]) {
                $0.attachments = [
                    DraftAttachment(
                        name: Array("m.eml".utf8),
                        message: ContentScan(Array(inner.utf8))
                    )
                ]
            }
            #expect(message.contains("\r\n\r\n\(inner)\r\n--=_"))
            #expect(structure(message).contains("Content-Transfer-Encoding: 7bit"))
        }
    }

    @Test("further fields are written as they are, only wide text is encoded")
    func headers() throws {
        let uri = "<https://test.com/" + String(repeating: "u", count: 200) + ">"
        let message = try compose {
            $0.sender = Draft.Mailbox(name: Array("S".utf8), address: $0.from.address)
            $0.headers = [
                .init(name: Array("Auto-Submitted".utf8), value: Array("auto-replied".utf8)),
                .init(name: Array("List-Unsubscribe".utf8), value: Array("\(uri), \(uri)".utf8)),
                .init(name: Array("X-Wide".utf8), value: Array("ä".utf8)),
            ]
        }
        #expect(message.contains("\r\nSender: S <me@test.com>\r\n"))
        #expect(message.contains("\r\nAuto-Submitted: auto-replied\r\n"))
        #expect(message.contains("\r\nList-Unsubscribe: \(uri),\r\n \(uri)\r\n"))
        #expect(message.contains("\r\nX-Wide: =?UTF-8?B?w6Q=?=\r\n"))
    }
}
