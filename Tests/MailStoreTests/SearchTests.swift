// What the search index finds, and that it follows what is stored.

import GRDB
import MailModel
import Testing

@testable import MailStore

@Suite struct SearchTests {
    private let scratch: Scratch
    private let store: MailStore
    private let box: Int64
    private let ids: [Int64]

    init() throws {
        scratch = try Scratch()
        store = try MailStore(path: scratch.path)
        box = try store.addMailbox("INBOX")
        var lunch = message(1, received: 10, subject: "Déjeuner on Friday?")
        lunch.from = [Address(name: "Alice Martin", address: "alice@example.org")]
        var report = message(2, received: 20, subject: "Quarterly report \"final\"")
        report.to = [Address(name: "Team", address: "team@example.com")]
        report.cc = [Address(address: "alice@example.org")]
        ids = try store.apply(adding([lunch, report]), to: box).added.map(\.id)
    }

    private func found(
        _ terms: SearchQuery.Term...,
        in mailbox: Int64? = nil,
        of account: String = "a"
    ) throws -> [Int64] {
        try store.search(SearchQuery(terms), of: account, in: mailbox, limit: 10).map(\.id)
    }

    private func term(_ word: String, _ place: SearchQuery.Place = .anywhere) -> SearchQuery.Term {
        SearchQuery.Term(place, word)
    }

    @Test("words are found by their beginning, without case and accents, newest first")
    func words() throws {
        #expect(try found(term("dejeun")) == [ids[0]])
        #expect(try found(term("FRIDAY")) == [ids[0]])
        #expect(try found(term("alice")) == [ids[1], ids[0]])
        #expect(try found(term("alice"), term("report")) == [ids[1]])
        #expect(try found(term("riday")) == [])
        #expect(try found() == [])
    }

    @Test("a place restricts a word to it")
    func places() throws {
        #expect(try found(term("alice", .from)) == [ids[0]])
        #expect(try found(term("alice", .to)) == [ids[1]])
        #expect(try found(term("alice", .subject)) == [])
        #expect(try found(term("alice"), in: try store.addMailbox("Other")) == [])
        #expect(try found(term("alice"), of: "b") == [])
    }

    @Test(
        "nothing a user types is syntax",
        arguments: ["\"", "\"final\"", "a OR b", "NEAR(", "*", "subject:", "-", "\0", "%", "''"]
    )
    func syntax(word: String) throws {
        #expect(throws: Never.self) { try found(term(word)) }
    }

    @Test("a text is found once it was read, and the last reading counts")
    func seenTexts() throws {
        #expect(try found(term("penguin")) == [])
        try store.index(text: "a penguin", of: ids[0])
        #expect(try found(term("penguin")) == [ids[0]])
        #expect(try found(term("penguin", .subject)) == [])
        try store.index(text: "a walrus", of: ids[0])
        #expect(try found(term("penguin")) == [])
        try store.index(text: "no such message", of: 999)
        #expect(try found(term("walrus"), term("friday")) == [ids[0]])
    }

    @Test("what is gone is not found, what is to be deleted neither, what moves is")
    func follows() throws {
        let trash = try store.addMailbox("Trash")
        _ = try store.enter(.move(to: trash), for: [ids[0]], at: 1)
        #expect(try found(term("friday"), in: trash) == [ids[0]])
        #expect(try found(term("friday"), in: box) == [])
        _ = try store.enter(.delete, for: [ids[1]], at: 1)
        #expect(try found(term("report")) == [])
        try store.finish([], gone: ids)
        #expect(try found(term("friday")) == [])
        #expect(try store.write { try $0.checkFTS() } == "ok")
    }
}

extension Database {
    /// Whether the index fits what it indexes; throws where it does not.
    fileprivate func checkFTS() throws -> String {
        try execute(sql: "INSERT INTO message_words (message_words) VALUES ('integrity-check')")
        return "ok"
    }
}
