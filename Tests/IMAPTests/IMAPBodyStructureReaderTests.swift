// BODYSTRUCTURE as servers send it, right and wrong. Section numbers by RFC 3501 6.4.5.

import Foundation
import MailModel
import Testing

@testable import IMAP

@Suite struct IMAPBodyStructureReaderTests {
    private func structure(_ text: String) throws -> BodyStructure? {
        var framer = IMAPFramer()
        framer.lineOctetsMax = IMAPLimits.lineOctetsMax
        framer.allowsLiterals = true
        framer.receive(Array("* 1 FETCH (BODYSTRUCTURE \(text) UID 1)\r\n".utf8))
        guard case .response(let frame)? = try framer.next(),
            case .untagged(.fetch(let data)) = IMAPResponse(frame)
        else { return nil }
        return data.bodyStructure
    }

    /// `section type/subtype` of every part, with size and disposition where they are not empty.
    private func outline(_ text: String) throws -> [String] {
        try #require(try structure(text)).parts.map { part in
            "\(part.section.isEmpty ? "-" : part.section) \(part.mediaType)"
                + (part.size > 0 ? " \(part.size)" : "")
                + (part.disposition.map { " \($0)" } ?? "")
        }
    }

    private static let text = #"("TEXT" "PLAIN" ("CHARSET" "x") NIL NIL "7BIT" 5 1)"#
    private static let image = #"("image" "png" NIL "<i@x>" NIL "base64" 9 NIL NIL NIL NIL)"#
    private static let envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"

    private static func message(_ body: String) -> String {
        #"("message" "rfc822" NIL NIL NIL "7bit" 99 \#(envelope) \#(body) 4 NIL NIL NIL NIL)"#
    }

    @Test(
        "Section numbers of single, nested and embedded bodies",
        arguments: [
            (text, ["1 text/plain 5"]),
            (
                #"(\#(text)\#(image) "mixed")"#,
                ["- multipart/mixed", "1 text/plain 5", "2 image/png 9"]
            ),
            (
                #"((\#(text)\#(text) "alternative")\#(image) "mixed")"#,
                [
                    "- multipart/mixed", "1 multipart/alternative", "1.1 text/plain 5",
                    "1.2 text/plain 5", "2 image/png 9",
                ]
            ),
            (message(text), ["1 message/rfc822 99", "1.1 text/plain 5"]),
            (
                #"(\#(text)\#(message(text)) "mixed")"#,
                ["- multipart/mixed", "1 text/plain 5", "2 message/rfc822 99", "2.1 text/plain 5"]
            ),
            (
                #"(\#(text)\#(message(#"(\#(text)\#(image) "mixed")"#)) "mixed")"#,
                [
                    "- multipart/mixed", "1 text/plain 5", "2 message/rfc822 99",
                    "2 multipart/mixed", "2.1 text/plain 5", "2.2 image/png 9",
                ]
            ),
            (
                #"(\#(message(message(text)))\#(text) "digest")"#,
                [
                    "- multipart/digest", "1 message/rfc822 99", "1.1 message/rfc822 99",
                    "1.1.1 text/plain 5", "2 text/plain 5",
                ]
            ),
        ]
    )
    func sections(text: String, expected: [String]) throws {
        #expect(try outline(text) == expected)
    }

    @Test("Every field of a part")
    func fields() throws {
        let part = try #require(
            try structure(
                #"("Text" "HTML" ("Charset" "UTF-8" "format" {6}\#r\#nfl"wed) "<a@b>" "d" "Quoted-Printable" 12 3 "md5" ("INLINE" ("FileName*0*" "x\"y")) ("en" "de") "loc" (1 2))"#
            )?.parts.first
        )
        #expect(part.type == "text")
        #expect(part.subtype == "html")
        #expect(
            part.parameters == [
                .init(name: "charset", value: Array("UTF-8".utf8)),
                .init(name: "format", value: Array("fl\"wed".utf8)),
            ]
        )
        #expect(part.contentID == Array("<a@b>".utf8))
        #expect(part.encoding == "quoted-printable")
        #expect(part.size == 12)
        #expect(part.disposition == "inline")
        #expect(
            part.dispositionParameters
                == [.init(name: "filename*0*", value: Array("x\"y".utf8))]
        )
        #expect(part.depth == 0)
    }

    @Test(
        "A27, Q3, Q28, Q35, Q80: what is wrong costs itself",
        arguments: [
            // NIL everywhere, empty lists, strings for numbers (Q28, Q35).
            (
                #"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"#,
                ["1 application/octet-stream"]
            ),
            (#"("text" "plain" () () () () "5" NIL () () () ())"#, ["1 text/plain 5"]),
            (#"("text" "plain" ("charset" NIL) NIL NIL NIL -1 NIL)"#, ["1 text/plain"]),
            (#"("text" "plain")"#, ["1 text/plain"]), (#"("text")"#, ["1 text/octet-stream"]),
            (#"("text" "plain" NIL NIL NIL "7bit" ATOM 0)"#, ["1 text/plain"]),
            // Lines missing: the disposition has moved (Q80).
            (
                #"("text" "plain" NIL NIL NIL "7bit" 5 NIL ("attachment" ("filename" "a")) NIL NIL)"#,
                ["1 text/plain 5 attachment"]
            ),
            (
                #"("text" "plain" NIL NIL NIL "7bit" 5 1 NIL ("inline" NIL) ("en") NIL)"#,
                ["1 text/plain 5 inline"]
            ),
            (
                #"("image" "gif" NIL NIL NIL "base64" 5 ("attachment") NIL)"#,
                ["1 image/gif 5 attachment"]
            ),
            (#"("image" "gif" NIL NIL NIL "base64" 5 NIL NIL ("en") NIL)"#, ["1 image/gif 5"]),
            // A multipart with a bare string for its disposition.
            (
                #"(\#(text) "mixed" ("boundary" "b") "S/MIME Encrypted Message" NIL)"#,
                ["- multipart/mixed", "1 text/plain 5"]
            ),
            // Collapsed multiparts (Q3).
            (
                #"(\#(text)("ALTERNATIVE" ("BOUNDARY" "b") NIL NIL)\#(image) "MIXED")"#,
                ["- multipart/mixed", "1 text/plain 5", "2 multipart/alternative", "3 image/png 9"]
            ),
            (#"("RELATED" NIL ("ATTACHMENT" NIL) NIL)"#, ["- multipart/related attachment"]),
            (#"(()\#(text) "mixed")"#, ["- multipart/mixed", "2 text/plain 5"]),
            (#"("multipart" "mixed" NIL NIL NIL "7bit" 0)"#, ["1 multipart/mixed"]),
            // message/rfc822 with less than it should have.
            (#"("message" "rfc822" NIL NIL NIL "7bit" 9)"#, ["1 message/rfc822 9"]),
            (
                #"("message" "rfc822" NIL NIL NIL "7bit" 9 NIL ("attachment" NIL) NIL)"#,
                ["1 message/rfc822 9 attachment"]
            ),
            (
                #"("message" "rfc822" NIL NIL NIL "7bit" 9 NIL \#(text) 4)"#,
                ["1 message/rfc822 9", "1.1 text/plain 5"]
            ),
            (
                #"("message" "rfc822" NIL NIL NIL "7bit" 9 \#(envelope) NIL 4 NIL ("inline" NIL))"#,
                ["1 message/rfc822 9 inline"]
            ),
            (
                #"("message" "delivery-status" NIL NIL NIL "7bit" 9 NIL ("inline" NIL))"#,
                ["1 message/delivery-status 9 inline"]
            ),
        ] as [(String, [String])]
    )
    func quirks(text: String, expected: [String]) throws {
        #expect(try outline(text) == expected)
    }

    @Test("A27: what is no structure is none", arguments: ["()", "NIL", "\"x\"", "5"])
    func none(text: String) throws {
        #expect(try structure(text) == nil)
    }

    @Test(
        "A26: depth ends at 100, without recursion and in linear time",
        arguments: [5000, 500_000]
    )
    func depth(count: Int) throws {
        let open = String(repeating: "(", count: count)
        let cut = try #require(try structure(open + Self.text))
        #expect(cut.parts.count == IMAPLimits.depthMax)
        #expect(cut.isTruncated)
        let close = String(repeating: " \"mixed\")", count: min(count, 50_000))
        let whole = try #require(
            try structure(String(repeating: "(", count: min(count, 50_000)) + Self.text + close)
        )
        #expect(whole.parts.count == IMAPLimits.depthMax)
        #expect(whole.isTruncated)
    }

    @Test("Parts end at 10,000")
    func parts() throws {
        let many = "(" + String(repeating: Self.text, count: 10_001) + " \"mixed\")"
        let cut = try #require(try structure(many))
        #expect(cut.parts.count == IMAPLimits.partsMax)
        #expect(cut.isTruncated)
        let few = "(" + String(repeating: Self.text, count: 9_999) + " \"mixed\")"
        #expect(try structure(few)?.isTruncated == false)
    }

    @Test("A26: the message stays listed whatever its structure is")
    func messageStays() throws {
        var framer = IMAPFramer()
        framer.lineOctetsMax = IMAPLimits.lineOctetsMax
        let open = String(repeating: "(", count: 500_000)
        framer.receive(Array("* 1 FETCH (UID 8 BODYSTRUCTURE \(open))\r\n".utf8))
        guard case .response(let frame)? = try framer.next(),
            case .untagged(.fetch(let data)) = IMAPResponse(frame)
        else {
            Issue.record("not listed")
            return
        }
        #expect(data.uid == UID(8))
    }
}

/// What CPython's email and GMime agree on of the messages whose structure Dovecot told.
@Suite(.enabled(if: Corpus.root != nil, "no corpora at ../shared/corpora or MAILBROKER_CORPORA"))
struct IMAPBodyStructureCorpusTests {
    private struct Record: Decodable {
        let id: String
        let bytes_b64: String
        let message: String?
    }
    private struct Records: Decodable { let records: [Record] }
    private struct Part: Decodable {
        let section: String
        let type: String
    }
    private struct Fields: Decodable { let parts: [Part]? }
    private struct Expected: Decodable { let firm: Fields? }

    @Test("The leaves of Dovecot's structures are those that two MIME parsers find")
    func leaves() throws {
        let root = try #require(Corpus.root)
        let data = try Data(
            contentsOf: URL(fileURLWithPath: root + "/imap/dovecot-live-fetch.json")
        )
        var agreed = 0
        var differing: [String] = []
        for record in try JSONDecoder().decode(Records.self, from: data).records {
            guard let message = record.message, let octets = Data(base64Encoded: record.bytes_b64),
                let structure = structure([UInt8](octets)),
                let parts = try expected(root + "/" + message)
            else { continue }
            let mine = structure.parts.filter { part in
                !part.isMultipart && !["message/rfc822", "message/global"].contains(part.mediaType)
            }
            let equal =
                mine.map { "\($0.section) \($0.mediaType)" }
                == parts.map { "\($0.section) \($0.type)" }
            if equal { agreed += 1 } else { differing.append(record.id) }
        }
        print("structures: \(agreed) agree, \(differing.count) differ: \(differing)")
        #expect(agreed >= 699)
        // Dovecot puts an empty text part where a multipart has none, and does not look into
        // message/news: 29 messages by hand.
        #expect(differing.count <= 29)
    }

    private func structure(_ octets: [UInt8]) -> BodyStructure? {
        var framer = IMAPFramer()
        framer.lineOctetsMax = IMAPLimits.lineOctetsMax
        framer.allowsLiterals = true
        framer.receive(octets)
        guard case .response(let frame)? = try? framer.next(),
            case .untagged(.fetch(let data)) = IMAPResponse(frame)
        else { return nil }
        return data.bodyStructure
    }

    private func expected(_ path: String) throws -> [Part]? {
        let name = path.replacingOccurrences(
            of: ".eml",
            with: ".expected.json",
            options: .backwards
        )
        guard let data = FileManager.default.contents(atPath: name) else { return nil }
        return try JSONDecoder().decode(Expected.self, from: data).firm?.parts
    }
}
