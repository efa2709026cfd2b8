// The table is the contract: names, permissions and ordering classes are stated here once more.

import BrokerProtocol
import Testing

@Suite struct MethodTableTests {
    @Test("names are unique")
    func unique() {
        #expect(Set(MethodTable.all.map(\.name)).count == MethodTable.all.count)
    }

    @Test("names are noun.verb in lower case, but for hello and status")
    func form() {
        for name in MethodTable.all.map(\.name) where name != "hello" && name != "status" {
            let words = Array(name.utf8).split(
                separator: UInt8(ascii: "."),
                omittingEmptySubsequences: false
            )
            #expect(words.count == 2, "\(name)")
            for word in words {
                #expect(!word.isEmpty && word.allSatisfy { (0x61...0x7A).contains($0) }, "\(name)")
            }
        }
    }

    @Test("each summary is one sentence")
    func summaries() {
        for method in MethodTable.all {
            #expect(method.summary.utf8.last == UInt8(ascii: "."), "\(method.name)")
            #expect(method.summary.utf8.count <= 90, "\(method.name)")
        }
    }

    @Test("only hello and status answer whatever else is running")
    func immediate() {
        let immediate = MethodTable.all.filter { $0.ordering == .immediate }.map(\.name)
        #expect(immediate == ["hello", "status"])
    }

    @Test(
        "every method needs the permission of its kind",
        arguments: [
            ("hello", Permission.connect), ("status", .connect), ("account.login", .administer),
            ("account.logout", .administer), ("mailbox.list", .read), ("message.list", .read),
            ("message.read", .read), ("message.parts", .read), ("message.raw", .read),
            ("part.fetch", .read), ("message.parse", .connect), ("message.render", .connect),
            ("message.flag", .change), ("message.label", .change), ("message.trash", .change),
            ("message.purge", .change), ("message.send", .send), ("message.submit", .send),
            ("outbox.change", .send), ("outbox.list", .read), ("events.subscribe", .read),
            ("broker.stop", .administer),
        ]
    )
    func permissions(_ name: String, _ permission: Permission) {
        #expect(MethodTable.all.first { $0.name == name }?.permission == permission)
    }

    @Test("methods that upload are sequential: the server's order of streams relies on it")
    func uploads() {
        let uploads = MethodTable.all.filter { $0.streams == .upload }
        #expect(
            uploads.map(\.name)
                == [
                    "account.login", "message.parse", "message.render", "message.send",
                    "message.submit",
                ]
        )
        #expect(uploads.allSatisfy { $0.ordering == .sequential })
    }
}
