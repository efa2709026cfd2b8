// Which messages of a mailbox the server cannot give the headers of: found by asking for ever
// smaller parts (QUIRK 39, 51). Pure; the worker asks and tells here what came of it.

import MailModel

/// What is known of a mailbox whose headers could not be fetched as a whole.
struct FetchDoubts {
    /// The epoch of the UIDs.
    let epoch: UIDValidity
    /// Connections that ended while headers were fetched, one after the other.
    private var losses = 0
    /// The part that failed last.
    private var suspects: [UID] = []
    /// How often a message failed alone.
    private var strikes: [UID: Int] = [:]
    /// Messages that have been told of.
    private var told: Set<UID> = []

    /// No doubts yet.
    init(epoch: UIDValidity) { self.epoch = epoch }

    /// Whether the headers are to be fetched in parts that are looked at one by one.
    ///
    /// One connection may end at any time; two that end at the same command are a sign.
    var isCareful: Bool { losses > 1 || !strikes.isEmpty }

    /// Whether a message is asked for without its header, which the server cannot give.
    func isDamaged(_ uid: UID) -> Bool { strikes[uid] ?? 0 >= CoreLimits.headerStrikesMax }

    /// Whether nothing is asked of a message any more.
    func isHopeless(_ uid: UID) -> Bool { strikes[uid] ?? 0 > CoreLimits.headerStrikesMax }

    /// The parts in which messages are asked for, to be taken from the end: what is suspected comes
    /// first, and no command names a message twice.
    func parts(of uids: [UID]) -> [[UID]] {
        let whole = uids.filter { !isDamaged($0) }
        let doubted = Set(suspects.isEmpty ? whole : suspects)
        let (suspected, others) = (
            whole.filter { doubted.contains($0) }, whole.filter { !doubted.contains($0) }
        )
        let damaged = uids.filter { isDamaged($0) && !isHopeless($0) }.map { [$0] }
        return damaged + Self.chunks(others, of: CoreLimits.headerWindow)
            + parts(within: suspected)
    }

    /// The smaller parts of one that failed.
    func parts(within part: [UID]) -> [[UID]] {
        let split = CoreLimits.headerSplit
        return Self.chunks(part, of: max(1, (part.count + split - 1) / split))
    }

    private static func chunks(_ uids: [UID], of size: Int) -> [[UID]] {
        stride(from: 0, to: uids.count, by: size).map {
            Array(uids[$0..<min($0 + size, uids.count)])
        }
    }

    /// Notes that a part failed.
    mutating func fail(_ part: [UID]) {
        suspects = part
        if part.count == 1 { strikes[part[0], default: 0] += 1 }
    }

    /// Notes that a connection ended meanwhile.
    mutating func loseConnection() { losses += 1 }

    /// Notes that everything asked for has been had, as far as it can be.
    ///
    /// - Returns: messages whose headers cannot be had and which have not been told of.
    mutating func finish() -> [UID] {
        losses = 0
        suspects = []
        strikes = strikes.filter { $0.value >= CoreLimits.headerStrikesMax }
        let new = strikes.keys.filter { !told.contains($0) }
        told.formUnion(new)
        return new
    }
}
