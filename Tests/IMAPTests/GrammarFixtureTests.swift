// The grammar fixtures of swift-nio-imap that are responses, or parts of them: put into the
// response they stand in, each is read or refused as it says, or is listed here with the reason.

import Foundation
import MailModel
import Testing

@testable import IMAP

@Suite(.enabled(if: Corpus.root != nil, "no corpora at ../shared/corpora or MAILBROKER_CORPORA"))
struct GrammarFixtureTests {
    /// A production with octets and what swift-nio-imap makes of them.
    private struct Fixture: Decodable {
        struct Text: Decodable { let text: String }
        let production: String
        let input: Text
        let verdict: String
    }

    private struct Fixtures: Decodable { let records: [Fixture] }

    /// The response a production stands in, before and behind it.
    private static let frames: [String: (String, String)] = [
        "responseTextCode": ("* OK [", "] text\r\n"),
        "responseText": ("* OK ", "\r\n"),
        "untaggedStatus": ("* ", "\r\n"),
        "taggedResponseState": ("A1 ", "\r\n"),
        "taggedResponse": ("", ""),
        "continuationRequest": ("", ""),
        "responsePayload": ("* ", "\r\n"),
        "messageData": ("* ", "\r\n"),
        "capabilityData": ("* ", "\r\n"),
        "idResponsePayload": ("* ", "\r\n"),
        "enableData": ("* ", "\r\n"),
        "mailboxData": ("* ", "\r\n"),
        "mailboxInfo": ("* LIST ", "\r\n"),
        "mailboxListFlags": ("* LIST (", ") NIL a\r\n"),
        "mailboxStatus": ("* STATUS a (", ")\r\n"),
        "flagList": ("* FLAGS ", "\r\n"),
        "permanentFlag": ("* OK [PERMANENTFLAGS (", ")] text\r\n"),
        "flag": ("* 1 FETCH (FLAGS (", "))\r\n"),
        "messageAttribute": ("* 1 FETCH (", ")\r\n"),
        "envelope": ("* 1 FETCH (ENVELOPE ", ")\r\n"),
        "bodyStructure": ("* 1 FETCH (BODYSTRUCTURE ", ")\r\n"),
        "invalidBodyStructure": ("* 1 FETCH (BODYSTRUCTURE ", " UID 1)\r\n"),
        "bodySinglepart": ("* 1 FETCH (BODYSTRUCTURE (", "))\r\n"),
        "namespace": ("* NAMESPACE ", " NIL NIL\r\n"),
        "namespaceDescription": ("* NAMESPACE (", ") NIL NIL\r\n"),
        "extendedSearchResponse": ("* ESEARCH", "\r\n"),
        "searchReturnData": ("* ESEARCH ", "\r\n"),
        "searchCorrelator": ("* ESEARCH", " UID ALL 1\r\n"),
        "nstring": ("* 1 FETCH (BODY[] ", ")\r\n"),
        "string": ("* 1 FETCH (BODY[] ", ")\r\n"),
    ]

    private enum Reading: String { case read, skipped, incomplete }

    private func reading(_ octets: [UInt8]) -> Reading {
        var framer = IMAPFramer()
        framer.lineOctetsMax = IMAPLimits.lineOctetsMax
        framer.allowsLiterals = true
        framer.receive(octets)
        while let event = try? framer.next() {
            guard case .response(let frame) = event else { continue }
            switch IMAPResponse(frame) {
            case .skipped, .tagged(_, nil): return .skipped
            case .continuation, .tagged, .untagged, .search: return .read
            }
        }
        return .incomplete
    }

    /// Where we differ, and why; what a piece of a response lacks says nothing of the whole.
    private static let differences: [(production: String, inputs: [String], reason: String)] = [
        (
            "invalidBodyStructure",
            [
                " UID 1", " ()", ") (a)",
                ##"("text" "plain" ("CHARSET" {1234567}\#r\#nU(TF-(8) NIL NIL NIL 1423 44 NIL "##
                    + "NIL NIL NIL)",
            ],
            "a FETCH whose structure cannot be read is read for what else it holds"
        ),
        (
            "mailboxStatus", ["MESSAGES UNSEEN 3 RECENT 4", "2 UNSEEN 3 RECENT 4"],
            "of STATUS the pairs that can be read are taken (servers send items of their own)"
        ),
        (
            "mailboxData",
            ["LSUB () \".\" #news.comp.mail.misc", "LSUB (\\seen \\draft) NIL inbox"],
            "LSUB is never asked for"
        ),
        (
            "mailboxData", ["SORT 1 2 3 (MODSEQ 4)", "SORT 1 (MODSEQ 2)", "SORT"],
            "SORT is never asked for: the store sorts"
        ),
        (
            "mailboxData", ["UIDBATCHES (TAG \"A143\") 20351:7829,7830:1"],
            "UIDBATCHES is never asked for"
        ),
        (
            "messageData",
            [
                "GENURLAUTH test", "GENURLAUTH test1 test2", "URLFETCH url NIL",
                "URLFETCH url1 NIL url2 NIL url3 \"data\"",
            ], "URLAUTH is never asked for"
        ),
        (
            "responsePayload",
            [
                "METADATA INBOX a", "JMAPACCESS \"https://example.com/.well-known/jmap\"",
                "QUOTAROOT INBOX \"Root\"",
            ], "METADATA and JMAPACCESS are never asked for; of quotas only the figures count"
        ),
        (
            "namespaceDescription", ["(\"str\" \"\r\")"],
            "a CR alone in a quoted string is an octet like another"
        ),
        (
            "taggedResponse", ["1+5.16 OK Fetch completed (0.001 \r\n"],
            "a tag that is not ours is refused by the connection, whatever it is made of"
        ),
        (
            "searchCorrelator",
            [
                " (TAG \"test1\" MAILBOX \"mb\" )", " (TAG \"test1\" MAILBOX \"mb\")",
                " (TAG \"test1\" MAILBOX \"mb\" MAILBOX \"mb\")", " (MAILBOX \"mb\")",
                " (UIDVALIDITY 5)",
            ], "MULTISEARCH is never asked for; of a correlator only the tag counts"
        ),
        (
            "string", ["foo", " \"foo\""],
            "servers send an atom where a string belongs, and a space too many"
        ),
        (
            "nstring", ["abc", "\"a\\bc\""],
            "servers send an atom where a string belongs, and backslashes that quote nothing"
        ),
    ]

    @Test("Every fixture that is a response is decided as it says, or the difference has a reason")
    func fixtures() throws {
        let path = try #require(Corpus.root) + "/imap/swift-nio-imap-fixtures.json"
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        var (agreed, different) = (0, Set<[String]>())
        for fixture in try JSONDecoder().decode(Fixtures.self, from: data).records {
            guard let (before, behind) = Self.frames[fixture.production] else { continue }
            let isPiece = !behind.isEmpty && fixture.verdict.hasPrefix("incomplete")
            if isPiece { continue }
            let isRead = reading(Array((before + fixture.input.text + behind).utf8)) == .read
            if isRead == (fixture.verdict == "success") {
                agreed += 1
            } else {
                different.insert([fixture.production, fixture.input.text])
            }
        }
        let listed = Self.differences.flatMap { row in row.inputs.map { [row.production, $0] } }
        #expect(different == Set(listed))
        print("grammar fixtures: \(agreed) decided as expected, \(different.count) with a reason")
        #expect(agreed == 274)
    }
}
