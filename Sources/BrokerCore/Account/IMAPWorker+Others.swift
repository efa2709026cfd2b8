// Mailboxes that are not open: what the server tells of them (RFC 5465), or what it answers when it
// is asked now and then.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// How a server tells of mailboxes that are not open.
    enum Notification {
        /// Not: it is asked now and then, or nobody wants to know.
        case none
        /// By NOTIFY, which is switched on while the connection waits for news and only then.
        ///
        /// QUIRK: Dovecot 2.3 writes STATUS into the middle of a literal it is sending. NOTIFY
        /// begins with the figures of every mailbox, so that nothing is missed between.
        case off, on

        /// The way of a server after the login.
        init(_ session: IMAPSession, isWanted: Bool) {
            let isOffered = ServerProfile(session.summary).usesNOTIFY
            self = isWanted && isOffered ? .off : .none
        }
    }

    /// How long the connection may wait for news before other mailboxes are asked for theirs.
    var untilPoll: Duration {
        guard watchesAll, notification == .none else { return SessionLimits.idleRenewal }
        return max(.zero, CoreLimits.pollPause - (ContinuousClock.now - lastPoll))
    }

    /// Has the server tell of no other mailboxes while something is fetched.
    func hush(_ session: IMAPSession) async throws(SessionError) {
        guard notification == .on else { return }
        notification = .off
        _ = try await tried(.notifySelected, session)
    }

    /// Brings other mailboxes up to date, as far as it is known that they changed.
    ///
    /// - Returns: whether none had to be, and the connection can wait for news.
    func watchOthers(_ session: IMAPSession) async throws(SessionError) -> Bool {
        if notification == .off {
            notification = try await tried(.notify, session) ? .on : .none
        } else if notification == .none, watchesAll, untilPoll == .zero {
            lastPoll = .now
            let figures = try await refreshMailboxes(session, asksFigures: true)
            return try await sync(try changed(figures, session), session)
        }
        let news = await session.takeAccountNews()
        if news.isListChanged {
            try await hush(session)
            try await refreshMailboxes(session)
            return false
        }
        return try await sync(try changed(news, session), session)
    }

    /// The mailboxes that differ from what is stored, with what they have now.
    private func changed(
        _ news: AccountNews,
        _ session: IMAPSession
    ) throws(SessionError) -> [(MailboxRecord, AccountNews.Figures)] {
        let profile = ServerProfile(session.summary)
        return try stored { () throws(StoreError) in
            var changed: [(MailboxRecord, AccountNews.Figures)] = []
            for mailbox in mailboxes where mailbox.isSelectable && mailbox.id != opened?.id {
                // What was looked at once for these figures is not looked at for them again.
                guard let figures = news.mailboxes[mailbox.name],
                    lastFigures[mailbox.id] != figures
                else { continue }
                // A mailbox that was never listed is soon looked at if small, else the filler's.
                let state = try store.mailbox(mailbox.id)?.state
                let isWanted = figures.isSmall && !mailbox.isMereLabel(in: mailboxes, profile)
                if state.map(figures.differ) ?? isWanted {
                    changed.append((mailbox, figures))
                }
            }
            return changed
        }
    }

    /// Brings mailboxes up to date; whether there were none.
    private func sync(
        _ changed: [(MailboxRecord, AccountNews.Figures)],
        _ session: IMAPSession
    ) async throws(SessionError) -> Bool {
        guard !changed.isEmpty else { return true }
        try await hush(session)
        for (mailbox, figures) in changed {
            lastFigures[mailbox.id] = figures
            do {
                try await sync(mailbox, session)
            } catch .refused {
                continue  // it went meanwhile
            }
        }
        return false
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
