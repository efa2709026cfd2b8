// Facts about flags, UID sets, mailbox names and secrets.

import Testing

@testable import MailModel

@Suite struct FlagTests {
    @Test("a system flag is recognised in any case and written as the standard writes it")
    func system() throws {
        let flag = try #require(Flag(Array("\\sEEN".utf8)))
        #expect(flag == .seen)
        #expect(flag.octets == Array("\\Seen".utf8))
        #expect(flag.word == "seen")
        #expect(Flag(word: "seen") == .seen)
    }

    @Test("keywords compare without case and keep their spelling")
    func keyword() throws {
        let flag = try #require(Flag(word: "$Forwarded"))
        #expect(flag == Flag(word: "$forwarded"))
        #expect(flag.octets == Array("$Forwarded".utf8))
        #expect(flag.word == "$forwarded")
    }

    @Test(
        "a flag that could break out of a command is refused",
        arguments: ["", "a b", "a\r\nA2 DELETE INBOX", "a)", "(", "{5}", "\"", "\\x", "a\0"]
    )
    func refused(word: String) {
        #expect(Flag(word: word) == nil)
    }
}

@Suite struct UIDSetTests {
    @Test("UIDs become the smallest set of ascending ranges")
    func smallest() {
        let set = UIDSet([5, 1, 2, 3, 9, 3].map { UID($0) })
        #expect(set.octets == Array("1:3,5,9".utf8))
        #expect(set.count == 5)
    }

    @Test("the last UID there is does not overflow the joining of ranges")
    func last() {
        let set = UIDSet([UID(.max), UID(.max - 1)])
        #expect(set.octets == Array("4294967294:4294967295".utf8))
    }

    @Test("positions of a descending set pair as given (Gmail's COPYUID)")
    func descending() throws {
        let set = try #require(UIDSet(parsing: Array("9:7,3".utf8)[...]))
        #expect(set.uid(at: 0) == UID(9))
        #expect(set.uid(at: 2) == UID(7))
        #expect(set.uid(at: 3) == UID(3))
        #expect(set.uid(at: 4) == nil)
        #expect(set.position(of: UID(8)) == 1)
    }

    @Test(
        "what is no uid-set is refused",
        arguments: ["", "1,", "1:", ":5", "0", "*", "1:*", "4294967296", "1:2:3", "-1", "a"]
    )
    func refused(text: String) {
        #expect(UIDSet(parsing: Array(text.utf8)[...]) == nil)
    }

    @Test("a set of all UIDs is one range and its count does not overflow")
    func huge() throws {
        let set = try #require(UIDSet(parsing: Array("1:4294967295".utf8)[...]))
        #expect(set.ranges.count == 1)
        #expect(set.count == 4_294_967_295)
    }
}

@Suite struct MailboxNameTests {
    @Test("INBOX is one name in any case; other names keep theirs")
    func inbox() {
        #expect(MailboxName(Array("inBox".utf8)) == .inbox)
        #expect(MailboxName(Array("Sent".utf8)) != MailboxName(Array("sent".utf8)))
    }

    @Test("two canonically equivalent names are two mailboxes")
    func equivalence() {
        #expect(MailboxName(Array("caf\u{e9}".utf8)) != MailboxName(Array("cafe\u{301}".utf8)))
    }
}

@Suite struct SecretTests {
    @Test("a secret gives back its octets until it is wiped")
    func wipes() throws {
        let secret = try #require(Secret(Array("hunter2\0é".utf8)))
        #expect(secret.withUnsafeBytes { Array($0) } == Array("hunter2\0é".utf8))
        secret.wipe()
        #expect(secret.count == 0)
    }

    @Test("a secret takes 16 KiB and not one octet more")
    func limit() throws {
        #expect(Secret([UInt8](repeating: 7, count: 16_384)) != nil)
        #expect(Secret([UInt8](repeating: 7, count: 16_385)) == nil)
    }

    @Test("describing a secret shows none of it")
    func description() throws {
        let secret = try #require(Secret(Array("hunter2".utf8)))
        #expect(!"\(secret)".contains("hunter2"))
    }
}
