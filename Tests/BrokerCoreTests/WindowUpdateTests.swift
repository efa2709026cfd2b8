// Facts about what exchanges change in a window: nothing is gone that was not said to be, nothing
// is stored without its headers.

import IMAP
import MailModel
import MailStore
import Testing

@testable import BrokerCore

@Suite struct WindowUpdateTests {
    /// Messages 10, 11 and 12; 12 is seen.
    private var update: WindowUpdate {
        WindowUpdate(
            known: [UID(10): [], UID(11): [], UID(12): [.seen]],
            state: MailboxState(
                uidValidity: UIDValidity(1),
                total: 3,
                unseen: nil,
                confirmedAt: 0
            )
        )
    }

    private func said(
        _ uid: UInt32,
        flags: [Flag]? = nil,
        headers: String? = nil
    ) -> IMAPFetchData {
        var data = IMAPFetchData(sequenceNumber: 1)
        data.uid = UID(uid)
        data.flags = flags
        data.headers = headers.map { Array($0.utf8) }
        return data
    }

    private func uids(_ range: ClosedRange<UInt32>) -> UIDSet {
        UIDSet(ranges: [UIDSet.Range(range.lowerBound, range.upperBound)])
    }

    @Test("flags that are as they were are no change, whatever their order")
    func sameFlags() {
        var update = update
        update.take([said(12, flags: [.seen]), said(10, flags: [.flagged, .seen])])
        #expect(update.change.flags == [UID(10): [.flagged, .seen]])
        update.take([said(10, flags: [])])
        #expect(update.change.flags.isEmpty)
    }

    @Test("Q102: \\Recent is no flag of a message")
    func recent() {
        var update = update
        update.take([said(12, flags: [.seen, .recent])])
        update.take(flags: [UID(11): [.recent]])
        #expect(update.change.flags.isEmpty)
    }

    @Test("a new message is stored with its headers only; one that was named only is missing")
    func newMessages() {
        var update = update
        update.take([said(13, flags: [.seen]), said(14, flags: [], headers: "Subject: x\r\n")])
        #expect(update.missing == [UID(13)])
        #expect(update.change.added.map(\.subject) == ["x"])
        #expect(update.count == 4)
        update.take([said(13, flags: [.seen], headers: "Subject: y\r\n")])
        #expect(update.missing.isEmpty)
        #expect(update.count == 5)
        #expect(update.highest == UID(14))
        update.take([said(20, flags: [])])
        #expect(update.highest == UID(14))
        #expect(update.highestNamed == UID(20))
    }

    @Test("of several responses about a new message the last flags count")
    func severalResponses() {
        var update = update
        let header = "Subject: x\r\n"
        update.take([said(13, flags: [], headers: header), said(13, flags: [.flagged])])
        #expect(update.change.added.map(\.flags) == [[.flagged]])
    }

    @Test("what is below the window does not count")
    func below() {
        var update = update
        update.take([said(5, flags: [], headers: "Subject: x\r\n"), said(6, flags: [])])
        #expect(update.count == 3)
        #expect(update.missing.isEmpty)
    }

    @Test("only what may be stored and was not looked up is to be looked up")
    func unlearnt() {
        var update = WindowUpdate(
            StoredWindow(count: 50, lowest: UID(10), highest: UID(99), unseen: 7),
            state: self.update.state
        )
        update.learn([UID(11): [], UID(12): [.seen]])
        let named = [9, 10, 11, 12, 99, 100].map { UID($0) }
        #expect(update.unlearnt(named) == [UID(10), UID(99)])
        update.learn([UID(99): [.seen]])
        update.take([said(11, flags: [.seen]), said(12, flags: []), said(99, flags: [])])
        update.take([said(10, flags: []), said(100, flags: [], headers: "Subject: x\r\n")])
        #expect(update.missing == [UID(10)], "it is not stored after all")
        #expect(update.unseen == 9)
        #expect(update.count == 51)
        update.remove([uids(11...12)])
        #expect(update.count == 49)
        #expect(update.unseen == 8)
    }

    @Test(
        "older messages are asked for from the top down, in parts that grow, each once",
        arguments: [
            (1000, 200, 1_000_000, [301...800, 1...300]),
            (5000, 200, 1_000_000, [4301...4800, 3301...4300, 1301...3300, 1...1300]),
            (5000, 200, 900, [4301...4800, 4101...4300]),
            (200, 200, 1_000_000, []), (3, 5, 10, []), (0, 0, 10, []), (700, 200, 200, []),
        ] as [(UInt32, Int, Int, [ClosedRange<UInt32>])]
    )
    func fillParts(exists: UInt32, stored: Int, wanted: Int, ranges: [ClosedRange<UInt32>]) {
        var parts = FillParts(exists: exists, stored: stored, wanted: wanted)
        var given: [ClosedRange<UInt32>] = []
        while let part = parts.next() { given.append(part) }
        #expect(given == ranges)
    }

    @Test("VANISHED removes what is known, and no matter what else it names")
    func vanished() {
        var update = update
        update.take([said(11, flags: [.seen]), said(13, flags: [])])
        update.remove([uids(1...9), uids(11...11), uids(13...4_000_000_000)])
        #expect(update.change.gone == [UID(11)])
        #expect(update.change.flags.isEmpty)
        #expect(update.missing.isEmpty)
        #expect(update.count == 2)
        #expect(update.unseen == 1)
    }

    @Test("a complete list outweighs what was said before")
    func completeList() {
        var update = update
        update.remove([uids(1...100)])
        update.keep(only: [UID(10), UID(12), UID(15)])
        #expect(update.change.gone == [UID(11)])
        #expect(update.missing == [UID(15)])
        var other = self.update
        other.keep(inside: UIDSet([UID(11), UID(12), UID(15)]))
        #expect(other.change.gone == [UID(10)])
        other.restore(UIDSet([UID(10)]))
        #expect(other.change.gone.isEmpty)
    }

    @Test("labels of known messages are told, of new ones stored, each with the mailbox's own")
    func labels() throws {
        let own = try #require(Label(word: "inbox"))
        var update = WindowUpdate(
            StoredWindow(count: 2, lowest: UID(10), highest: UID(11)),
            state: update.state,
            label: own
        )
        update.learn([UID(10): [], UID(11): []])
        var known = said(10)
        known.labels = [.important]
        var gone = said(11, flags: [.seen])
        gone.labels = []
        var new = said(12, flags: [], headers: "Subject: x\r\n\r\n")
        new.labels = []
        update.take([known, gone, new])
        #expect(update.change.details[UID(10)]?.labels == [.important, own])
        #expect(update.change.added.map(\.labels) == [[own]])
        var later = said(12)
        later.labels = [.important, own]
        update.take([later])
        update.remove([uids(11...11)])
        #expect(update.change.added.map(\.labels) == [[.important, own]])
        #expect(Set(update.change.details.keys) == [UID(10)])
    }

    @Test("more than 50 and a fifth gone at once is to be confirmed (I5)")
    func massDeletion() {
        func suspicious(_ gone: ClosedRange<UInt32>, of count: UInt32) -> Bool {
            let known = (1...count).map { (UID($0), [Flag]()) }
            var update = WindowUpdate(
                known: Dictionary(uniqueKeysWithValues: known),
                state: self.update.state
            )
            update.remove([uids(gone)])
            return update.isSuspicious
        }
        #expect(!suspicious(1...50, of: 60))
        #expect(suspicious(1...51, of: 60))
        #expect(!suspicious(1...51, of: 300))
        #expect(suspicious(1...61, of: 300))
    }
}

extension WindowUpdate {
    /// An update of a window of which everything has been looked up.
    fileprivate init(known: [UID: [Flag]], state: MailboxState) {
        self.init(
            StoredWindow(count: known.count, lowest: known.keys.min(), highest: known.keys.max()),
            state: state
        )
        learn(known)
    }
}
