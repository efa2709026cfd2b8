// Mailboxes that are not open: what the server tells of them (RFC 5465), or what it answers when it
// is asked now and then.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// How long it is until the next question for news.
    var pollDue: Duration { CoreLimits.pollPause - (ContinuousClock.now - lastPoll) }

    /// Brings mailboxes up to date of which the server has told.
    func syncOthers(
        _ session: IMAPSession,
        by news: AccountNews
    ) async throws(SessionError) {
        if news.isListChanged { try await refreshMailboxes(session) }
        for mailbox in mailboxes where mailbox.isSelectable && mailbox.id != opened?.id {
            guard let figures = news.mailboxes[mailbox.name] else { continue }
            let state = try stored { () throws(StoreError) in
                try store.mailbox(mailbox.id)?.state
            }
            guard let state else {
                // A small one is soon looked at; others are the filler's.
                guard watchesAll, figures.isSmall else { continue }
                try await look(at: mailbox, session)
                continue
            }
            guard figures.differ(from: state) else { continue }
            try await look(at: mailbox, session)
        }
    }

    private func look(
        at mailbox: MailboxRecord,
        _ session: IMAPSession
    ) async throws(SessionError) {
        do {
            try await sync(mailbox, session)
        } catch .refused {
            return  // it went meanwhile
        }
    }

    /// Asks for the figures of every mailbox, and brings those up to date that have changed.
    func poll(_ session: IMAPSession) async throws(SessionError) {
        lastPoll = .now
        try await syncOthers(session, by: try await refreshMailboxes(session, asksFigures: true))
    }
}

extension AccountNews.Figures {
    /// Whether one command fetches all headers.
    var isSmall: Bool { messages.map { $0 <= CoreLimits.firstWindow } ?? false }

    /// Whether a mailbox has changed since it was stored, as far as the figures tell.
    func differ(from state: MailboxState) -> Bool {
        func differs<Number: Equatable>(_ now: Number?, _ before: Number?) -> Bool {
            guard let now, let before else { return false }
            return now != before
        }
        return differs(messages.map(Int.init), state.total)
            || differs(unseen.map(Int.init), state.unseen)
            || differs(uidValidity, state.uidValidity.value)
            || differs(highestModSeq, state.highestModSeq)
    }
}
