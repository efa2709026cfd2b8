// What goes over the wire for each command, and what never does.

import MailModel
import Testing

@testable import IMAP

@Suite struct IMAPCommandEncoderTests {
    private func encode(
        _ command: IMAPCommand,
        _ capabilities: String = "",
        enabled: String = ""
    ) throws -> String {
        let encoder = IMAPCommandEncoder(
            capabilities: IMAPCapabilities(capabilities.utf8.split(separator: ASCII.space)),
            enabled: IMAPCapabilities(enabled.utf8.split(separator: ASCII.space)),
            selectedReadOnly: nil,
            clientID: [IMAPIDField(name: Array("name".utf8), value: Array("m\"b".utf8))]
        )
        let text = try encoder.encode(command, tag: IMAPTag(number: 7))
        return text.pieces.map { piece in
            switch piece {
            case .text(let octets): Rendering.text(octets)
            case .wait: "|"
            case .message(let count): "<\(count)>"
            }
        }
        .joined()
    }

    private func uids(_ ranges: (UInt32, UInt32)...) -> UIDSet {
        UIDSet(ranges: ranges.map { UIDSet.Range($0.0, $0.1) })
    }

    private func name(_ text: String) -> MailboxName { MailboxName(Array(text.utf8)) }

    private func expect(
        _ command: IMAPCommand,
        _ capabilities: String = "",
        enabled: String = "",
        is expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let text = try encode(command, capabilities, enabled: enabled)
        #expect(text == "A0007 " + expected + #"\x0d\x0a"#, sourceLocation: sourceLocation)
    }

    private func expectRefusal(
        _ command: IMAPCommand,
        _ code: IMAPError.Code,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: IMAPError.self, sourceLocation: sourceLocation) {
            try encode(command)
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.fault == .caller, sourceLocation: sourceLocation)
    }

    @Test("GETQUOTAROOT is for servers with QUOTA")
    func quotaRoot() throws {
        try expect(.quotaRoot(.inbox), "QUOTA", is: #"GETQUOTAROOT "INBOX""#)
        expectRefusal(.quotaRoot(.inbox), .capabilityMissing)
    }

    @Test("Commands without arguments")
    func bare() throws {
        try expect(.capability, is: "CAPABILITY")
        try expect(.noop, is: "NOOP")
        try expect(.logout, is: "LOGOUT")
        try expect(.unselect, "UNSELECT", is: "UNSELECT")
        try expect(.id, "ID", is: #"ID ("name" "m\"b")"#)
        expectRefusal(.id, .capabilityMissing)
        expectRefusal(.idle, .capabilityMissing)
        expectRefusal(.unselect, .capabilityMissing)
    }

    @Test("Q67: ENABLE names only what the server offers")
    func enable() throws {
        try expect(.enable(["QRESYNC"]), "ENABLE QRESYNC", is: "ENABLE QRESYNC")
        expectRefusal(.enable(["QRESYNC"]), .capabilityMissing)
        #expect(throws: IMAPError(.capabilityMissing)) {
            try encode(.enable(["IMAP4rev2"]), "ENABLE")
        }
        #expect(throws: IMAPError(.invalidArgument)) { try encode(.enable([]), "ENABLE") }
    }

    @Test("Q38, Q50: SELECT asks for changes only where QRESYNC is enabled, and names no UIDs")
    func selectSince() throws {
        let point = IMAPSyncPoint(uidValidity: UIDValidity(7), modSeq: 715_194_045_007)
        let select = IMAPCommand.select(.inbox, readOnly: false, since: point)
        try expect(select, is: #"SELECT "INBOX""#)
        try expect(select, "CONDSTORE QRESYNC", is: #"SELECT "INBOX" (CONDSTORE)"#)
        try expect(
            select,
            "CONDSTORE QRESYNC",
            enabled: "QRESYNC",
            is: #"SELECT "INBOX" (QRESYNC (7 715194045007))"#
        )
        let first = IMAPCommand.select(.inbox, readOnly: true)
        try expect(first, "CONDSTORE", enabled: "QRESYNC", is: #"EXAMINE "INBOX" (CONDSTORE)"#)
        #expect(IMAPSyncPoint(uidValidity: UIDValidity(0), modSeq: 5) == nil)
        #expect(IMAPSyncPoint(uidValidity: UIDValidity(5), modSeq: 0) == nil)
    }

    @Test("Q38: CHANGEDSINCE is asked of servers with CONDSTORE alone")
    func changedSince() throws {
        let command = IMAPCommand.uidFetchChanged(.from(UID(5)), [.uid, .flags], since: 12)
        try expect(command, "CONDSTORE", is: "UID FETCH 5:* (UID FLAGS) (CHANGEDSINCE 12)")
        expectRefusal(command, .capabilityMissing)
        #expect(throws: IMAPError(.invalidArgument)) {
            try encode(.uidFetchChanged(.from(UID(5)), [.uid], since: 0), "CONDSTORE")
        }
    }

    @Test("Q41, Q43: LIST asks for what the server can tell, and for all of it")
    func list() throws {
        let list = IMAPCommand.list(
            reference: [],
            pattern: Array("*".utf8),
            IMAPListOptions(status: [.messages, .unseen, .highestModSeq])
        )
        try expect(list, is: #"LIST "" "*""#)
        try expect(list, "SPECIAL-USE LIST-STATUS", is: #"LIST "" "*""#)
        try expect(list, "LIST-EXTENDED", is: #"LIST "" "*" RETURN (SUBSCRIBED CHILDREN)"#)
        try expect(
            list,
            "LIST-EXTENDED SPECIAL-USE LIST-STATUS CONDSTORE",
            is: #"LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE "#
                + "STATUS (MESSAGES UNSEEN HIGHESTMODSEQ))"
        )
        let plain = IMAPCommand.list(reference: [], pattern: Array("a\"%".utf8), .plain)
        try expect(plain, "LIST-EXTENDED LIST-STATUS", is: #"LIST "" "a\"%""#)
    }

    @Test("Q48: STATUS asks for no item that the server does not know")
    func status() throws {
        let all = IMAPCommand.status(name("x"), IMAPStatusItem.allCases)
        try expect(all, is: #"STATUS "x" (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"#)
        try expect(
            all,
            "CONDSTORE STATUS=SIZE",
            is: #"STATUS "x" (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE)"#
        )
        expectRefusal(.status(name("x"), [.size]), .capabilityMissing)
    }

    @Test("Q47: names are quoted, or literals; never atoms, never with a NUL")
    func names() throws {
        try expect(.create(name("NIL")), is: #"CREATE "NIL""#)
        // A24: a name that is no modified UTF-7 goes back as it came.
        try expect(.select(name("&Jjo!"), readOnly: false), is: #"SELECT "&Jjo!""#)
        try expect(.create(name("inbox")), is: #"CREATE "INBOX""#)
        try expect(.create(name(#"a"b\c"#)), is: #"CREATE "a\"b\\c""#)
        try expect(.create(name("")), is: #"CREATE """#)
        try expect(.create(name("é")), is: #"CREATE {2}\x0d\x0a|\xc3\xa9"#)
        try expect(.create(name("é")), "LITERAL-", is: #"CREATE {2+}\x0d\x0a\xc3\xa9"#)
        try expect(.create(name("a\tb")), is: #"CREATE {3}\x0d\x0a|a\x09b"#)
        expectRefusal(.create(name("a\0b")), .invalidArgument)
        expectRefusal(
            .create(MailboxName([UInt8](repeating: 0xFF, count: 65_537))),
            .invalidArgument
        )
        let long = String(repeating: "x", count: 1001)
        try expect(.create(name(long)), "LITERAL+", is: #"CREATE {1001+}\x0d\x0a"# + long)
    }

    @Test("Q53, Q71, Q101: sets ascend, and stay below what servers take")
    func sets() throws {
        try expect(.uidExpunge(uids((9, 7), (1, 1))), "UIDPLUS", is: "UID EXPUNGE 7:9,1")
        expectRefusal(.uidExpunge(uids((9, 7))), .capabilityMissing)
        expectRefusal(.uidCopy(UIDSet(), .inbox), .invalidArgument)
        expectRefusal(.uidCopy(uids((0, 5)), .inbox), .invalidArgument)
        let many = UIDSet((1...5000).map { UID($0 * 2) })
        expectRefusal(.uidCopy(many, .inbox), .commandTooLong)
        let pieces = many.split()
        #expect(pieces.flatMap(\.ranges) == many.ranges)
        #expect(pieces.allSatisfy { $0.octets.count <= 7000 })
        for piece in pieces { #expect(try encode(.uidCopy(piece, .inbox)).utf8.count <= 8010) }
        #expect(UIDSet().split().isEmpty)
        #expect(uids((1, 2), (5, 5)).split(textOctetsMax: 1).count == 2)
    }

    @Test("FETCH never sets \\Seen, and its texts cannot be bent")
    func fetch() throws {
        let one = IMAPMessageSet.uids(uids((5, 5)))
        try expect(
            .uidFetch(one, [.uid, .modSeq, .bodyStructure, .section("")]),
            "CONDSTORE",
            is: "UID FETCH 5 (UID MODSEQ BODYSTRUCTURE BODY.PEEK[])"
        )
        try expect(
            .uidFetch(one, [.section("1.2", partial: IMAPPartial(offset: 0, count: .max))]),
            is: "UID FETCH 5 (BODY.PEEK[1.2]<0.18446744073709551615>)"
        )
        for section in ["1] BODY[2", "1\r\nA2 LOGOUT", "1 2", "é", "\"", "HEADER.FIELDS (A)"] {
            expectRefusal(.uidFetch(one, [.section(section)]), .invalidArgument)
        }
        for field in ["", "a b", "a)", "x:", "a\r\nb", "é", "{1}"] {
            expectRefusal(.uidFetch(one, [.headerFields([field])]), .invalidArgument)
        }
        expectRefusal(.uidFetch(one, []), .invalidArgument)
        expectRefusal(.uidFetch(one, [.modSeq]), .invalidArgument)
        expectRefusal(.uidFetch(one, [.headerFields([])]), .invalidArgument)
        expectRefusal(
            .uidFetch(one, [.section("", partial: IMAPPartial(offset: 1, count: 0))]),
            .invalidArgument
        )
        expectRefusal(.uidFetch(.from(UID(0)), [.uid]), .invalidArgument)
        expectRefusal(.fetch(0...5, [.uid]), .invalidArgument)
    }

    @Test("STORE changes single flags, and not those that belong to the server")
    func store() throws {
        let flag = try #require(Flag(Array("$Forwarded".utf8)))
        try expect(
            .uidStore(uids((1, 3)), .remove, [.seen, flag], silent: false),
            is: #"UID STORE 1:3 -FLAGS (\Seen $Forwarded)"#
        )
        expectRefusal(.uidStore(uids((1, 1)), .add, [], silent: true), .invalidArgument)
        expectRefusal(.uidStore(uids((1, 1)), .add, [.recent], silent: true), .invalidArgument)
    }

    @Test("labels and names of messages are asked for where the server has them")
    func labels() throws {
        let items: [IMAPFetchItem] = [.uid, .emailID, .threadID, .labels]
        let one = IMAPMessageSet.uids(uids((5, 5)))
        try expect(.uidFetch(one, items), is: "UID FETCH 5 (UID)")
        try expect(.uidFetch(one, items), "OBJECTID", is: "UID FETCH 5 (UID EMAILID THREADID)")
        try expect(
            .uidFetch(one, items),
            "OBJECTID X-GM-EXT-1",
            is: "UID FETCH 5 (UID X-GM-MSGID X-GM-THRID X-GM-LABELS)"
        )
        let labels = try ["\\Important", "a \"b\\", "\\x1"].map {
            try #require(Label(Array($0.utf8)))
        }
        try expect(
            .uidStoreLabels(uids((5, 6)), .add, labels),
            "X-GM-EXT-1",
            is: #"UID STORE 5:6 +X-GM-LABELS (\Important "a \"b\\" "\\x1")"#
        )
        try expect(
            .uidStoreLabels(uids((5, 5)), .remove, [.important]),
            "X-GM-EXT-1",
            is: #"UID STORE 5 -X-GM-LABELS (\Important)"#
        )
        expectRefusal(.uidStoreLabels(uids((5, 5)), .add, labels), .capabilityMissing)
    }

    @Test("Q19: SEARCH names what it wants back, where the server can")
    func search() throws {
        let keys: [IMAPSearchKey] = [.uids(.from(UID(5))), .messageID(Array("<a\"b>".utf8))]
        try expect(.uidSearch(keys), is: #"UID SEARCH UID 5:* HEADER MESSAGE-ID "<a\"b>""#)
        try expect(
            .uidSearch([.uids(.uids(uids((1, 9)))), .undeleted, .unseen]),
            "ESEARCH",
            is: "UID SEARCH RETURN (ALL) UID 1:9 UNDELETED UNSEEN"
        )
        expectRefusal(.uidSearch([]), .invalidArgument)
        expectRefusal(.uidSearch([.messageID([])]), .invalidArgument)
        expectRefusal(.uidSearch([.messageID([0x61, 0])]), .invalidArgument)
        try expect(
            .uidSearch([.messageID(Array("<a\r\nb>".utf8))]),
            is: #"UID SEARCH HEADER MESSAGE-ID {6}\x0d\x0a|<a\x0d\x0ab>"#
        )
    }

    @Test("SEARCH names a charset where a string is not US-ASCII, and only there (RFC 3501 6.4.4)")
    func searchCharset() throws {
        try expect(
            .uidSearch([.messageID(Array("é@b".utf8))]),
            is: #"UID SEARCH CHARSET UTF-8 HEADER MESSAGE-ID {4}\x0d\x0a|\xc3\xa9@b"#
        )
        try expect(
            .uidSearch([.messageID(Array("é@b".utf8))]),
            "ESEARCH LITERAL+",
            is: #"UID SEARCH RETURN (ALL) CHARSET UTF-8 HEADER MESSAGE-ID {4+}\x0d\x0a\xc3\xa9@b"#
        )
    }

    @Test("APPEND and MOVE")
    func append() throws {
        try expect(
            .append(name("é"), [], nil, size: 9),
            is: #"APPEND {2}\x0d\x0a|\xc3\xa9 {9}\x0d\x0a|<9>"#
        )
        expectRefusal(.append(.inbox, [], nil, size: 0), .invalidArgument)
        expectRefusal(.append(.inbox, [.recent], nil, size: 1), .invalidArgument)
        expectRefusal(.append(.inbox, [], nil, size: .max), .invalidArgument)
        try expect(.uidMove(uids((1, 1)), .inbox), "MOVE", is: #"UID MOVE 1 "INBOX""#)
        expectRefusal(.uidMove(uids((1, 1)), .inbox), .capabilityMissing)
    }

    @Test("Any string comes back from its encoding; seed 42")
    func strings() throws {
        var random = SeededGenerator(42)
        for _ in 0..<2000 {
            let octets = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 1...255, using: &random)
            }
            let line = try listLine(octets)
            var framer = IMAPFramer()
            framer.lineOctetsMax = IMAPLimits.lineOctetsMax
            framer.allowsLiterals = true
            framer.receive(line)
            guard case .response(let frame)? = try framer.next(),
                case .untagged(.list(let entry)) = IMAPResponse(frame)
            else {
                Issue.record("not read back: \(octets)")
                return
            }
            #expect(entry.name == MailboxName(octets))
        }
    }

    /// A LIST response whose name is written by our encoder.
    private func listLine(_ octets: [UInt8]) throws -> [UInt8] {
        var writer = IMAPCommandWriter(IMAPCapabilities())
        writer.write("* LIST () NIL ")
        try writer.writeString(octets)
        return try writer.finish().pieces.flatMap { piece in
            if case .text(let text) = piece { text } else { [UInt8]() }
        }
    }

    @Test("Any set comes back from its encoding, ascending; seed 43")
    func setRoundTrip() throws {
        var random = SeededGenerator(43)
        for _ in 0..<500 {
            let ranges = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                UIDSet.Range(
                    UInt32.random(in: 1...UInt32.max, using: &random),
                    UInt32.random(in: 1...UInt32.max, using: &random)
                )
            }
            var writer = IMAPCommandWriter(IMAPCapabilities())
            try writer.writeSet(UIDSet(ranges: ranges))
            guard case .text(let text)? = try writer.finish().pieces.first else { return }
            let read = try #require(UIDSet(parsing: text.dropLast(2)))
            let ascending = ranges.map {
                UIDSet.Range(min($0.first, $0.last), max($0.first, $0.last))
            }
            #expect(read.ranges == ascending)
        }
    }
}
