// The mailbox a connection has open, and what is due before the store is as true as the server.

import IMAP
import MailModel
import MailSession
import MailStore

/// An open mailbox.
struct OpenMailbox {
    /// What brings the store's window of it up to date (protocols.md 4.5).
    enum Due {
        /// It is up to date but for the news of the connection.
        case nothing
        /// The server has told every change since the stored state (RFC 7162 3.2.5).
        case changes([IMAPFetchData], vanished: [UIDSet])
        /// The server can tell what flags changed since a mod-sequence, and not what is gone.
        case flagsSince(UInt64)
        /// All of the window must be looked at.
        case compare
    }

    /// The store's number of it.
    let id: Int64
    /// The epoch of its UIDs; 0 where the server names none.
    let epoch: UIDValidity
    /// The highest mod-sequence named at the opening: what the store may rely on once it has
    /// everything up to here.
    ///
    /// Never one seen in a FETCH: others below it may still be on their way (protocols.md 4.2, I2).
    let highestModSeq: UInt64?
    /// The UID the next message would have had at the opening; nil where the server names none.
    let uidNext: UID?
    /// The flags the server keeps; nil where it does not say (QUIRK 82).
    let permanentFlags: PermanentFlags?
    /// The label whose view it is, which the server does not name; nil without labels.
    var label: Label?
    /// What is to be done.
    var due: Due

    /// What the answer to SELECT says, for a mailbox of which the store holds a state.
    ///
    /// `hasModSeqs` is whether the server offers mod-sequences. QUIRK 38: Yahoo only names them.
    init(
        _ id: Int64,
        _ answer: IMAPAnswer,
        stored: MailboxState?,
        asked: IMAPSyncPoint?,
        hasModSeqs: Bool
    ) {
        let said = Self.aboutThis(answer)
        var (epoch, highest, hasModSeqs) = (UIDValidity(0), UInt64?.none, hasModSeqs)
        var next: UID?
        var permanent: PermanentFlags?
        for case .condition(let condition) in said.untagged {
            switch condition.code {
            case .uidValidity(let value)?: epoch = value
            case .highestModSeq(let value)? where value > 0: highest = value
            case .noModSeq?: hasModSeqs = false
            case .uidNext(let value)? where value > 0: next = UID(value)
            case .permanentFlags(let flags, let allowsNew)?:
                permanent = PermanentFlags(flags, allowsNewKeywords: allowsNew)
            default: break
            }
        }
        self.id = id
        self.epoch = epoch
        uidNext = next
        permanentFlags = permanent
        highestModSeq = hasModSeqs ? highest : nil
        guard let highestModSeq, let before = stored?.highestModSeq, stored?.uidValidity == epoch,
            before <= highestModSeq
        else {
            due = .compare
            return
        }
        // A server ignores a point of another epoch (RFC 7162 3.2.5.1).
        guard let asked, asked.uidValidity == epoch else {
            due = .flagsSince(before)
            return
        }
        due = .changes(
            said.messages,
            vanished: said.untagged.compactMap {
                if case .vanished(let uids, _) = $0 { uids } else { nil }
            }
        )
    }

    /// The answer without what is about the mailbox that was open before (RFC 7162 3.2.11).
    private static func aboutThis(_ answer: IMAPAnswer) -> IMAPAnswer {
        let closed = answer.untagged.lastIndex { data in
            if case .condition(let condition) = data { condition.code == .closed } else { false }
        }
        var rest = answer
        if let closed { rest.untagged.removeFirst(closed + 1) }
        return rest
    }
}
