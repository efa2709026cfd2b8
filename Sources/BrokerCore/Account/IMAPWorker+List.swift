// Lists: from the store where it is known to be true or where there is nothing better, else after a
// look at the server. Every answer says how old it is.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// The newest messages of a mailbox, as JSON.
    ///
    /// INBOX is answered from the store while it is watched, and the same question about an
    /// unchanged INBOX from memory: it is asked often. Without a connection every mailbox that was
    /// ever listed is answered from the store.
    func list(_ params: MessageList.Params) async throws -> [UInt8] {
        guard params.fresh != true, !isStopping, let mailbox = try? listed(params) else {
            return try await Self.encoded(fetchList(params))
        }
        if isInboxLive, mailbox.role == .inbox {
            if let known = inboxAnswers[InboxQuestion(params)] { return known }
            guard let result = try answer(params, mailbox) else {
                return try await Self.encoded(fetchList(params))
            }
            let encoded = try Self.encoded(result)
            if inboxAnswers.count < CoreLimits.inboxAnswersMax {
                inboxAnswers[InboxQuestion(params)] = encoded
            }
            return encoded
        }
        return try await Self.encoded(
            offline(else: { try await fetchList(params) }) {
                try answer(params, mailbox, isFinal: true)
            }
        )
    }

    /// The newest messages of a mailbox, after a look at the server.
    func fetchList(_ params: MessageList.Params) async throws -> MessageList.Result {
        try await perform(isRepeatable: true, at: place(of: params)) { worker, session in
            let mailbox = try await worker.listed(params, session)
            if params.fresh == true, worker.opened?.id == mailbox.id {
                // The server may have more to say than it has said by itself.
                _ = try await session.execute(.noop)
            }
            do {
                try await worker.sync(mailbox, session)
            } catch let error as SessionError where !error.endsConnection {
                // Another client may have renamed or deleted it.
                try await worker.refreshMailboxes(session)
                _ = try worker.listed(params)
                throw error
            }
            if mailbox.role == .inbox { worker.isInboxLive = true }
            while true {
                if let result = try worker.answer(params, mailbox) { return result }
                let known = try worker.store.count(in: mailbox.id)
                let wanted = known + max(params.limit, CoreLimits.headerWindow)
                try await worker.fill(mailbox, to: wanted, session)
                guard try worker.store.count(in: mailbox.id) > known else { break }
            }
            guard let rest = try worker.answer(params, mailbox, isFinal: true) else {
                throw BrokerError(.mailboxNotFound, "\(mailbox.display) is gone")
            }
            return rest
        }
    }

    /// INBOX is for the connection that watches it, and so is what that one has open: two would
    /// each store what they last heard.
    private func place(of params: MessageList.Params) -> Job.Place {
        guard let mailbox = try? listed(params), mailbox.role != .inbox else { return .here }
        return mailbox.id == opened?.id ? .here : .anywhere
    }

    /// The mailboxes with their counts: the server's, or without a connection the last known.
    func folders(_ params: MailboxList.Params) async throws -> MailboxList.Result {
        let ask = {
            let (infos, quota) = try await self.perform(isRepeatable: true) { worker, session in
                (try await worker.mailboxInfos(session), try await worker.quota(session))
            }
            // Another connection may have been asked.
            self.mailboxes = (try? self.store.mailboxes(of: self.account)) ?? self.mailboxes
            return MailboxList.Result(account: self.account, mailboxes: infos, quota: quota)
        }
        guard params.fresh != true, !isStopping, !mailboxes.isEmpty else {
            return try await ask()
        }
        return try await offline(else: ask) {
            MailboxList.Result(
                account: account,
                offlineSince: offlineSince,
                mailboxes: try store.mailboxes(of: account)
                    .sorted(by: MailboxRoles.isListedBefore).map { MailboxInfo($0) }
            )
        }
    }

    /// What the server says; where it cannot be reached, what the store holds, if it holds it.
    private func offline<Value>(
        else ask: () async throws -> Value,
        _ stored: () throws -> Value?
    ) async throws -> Value {
        if session == nil, let value = try stored() {
            hurry()
            return value
        }
        do {
            return try await ask()
        } catch let error as BrokerError
            where error.data.temporary && session == nil && !isStopping
        {
            // The connection went while the request waited for it.
            guard let value = try stored() else { throw error }
            return value
        }
    }

    private static func encoded(_ result: MessageList.Result) throws -> [UInt8] {
        Array(try Wire.line(result).dropLast())
    }

    /// The mailbox a question is about, which must hold messages, also the one to list after.
    private func listed(_ params: MessageList.Params) throws -> MailboxRecord {
        let mailbox = try mailbox(meant: params.mailbox)
        guard mailbox.isSelectable else {
            throw BrokerError(.mailboxNotFound, "\(mailbox.display) holds no messages itself")
        }
        if let after = params.after, try store.message(after)?.place != mailbox.id {
            throw BrokerError(.messageNotFound, "there is no message \(after) to list after")
        }
        return mailbox
    }

    /// The mailbox a question is about, after a look at the server where it is not known.
    private func listed(
        _ params: MessageList.Params,
        _ session: IMAPSession
    ) async throws -> MailboxRecord {
        do {
            return try listed(params)
        } catch let error as BrokerError where error.data.code == .mailboxNotFound {
            try await refreshMailboxes(session)
            return try listed(params)
        }
    }

    /// The answer from the store; nil where the store's window is too small for it.
    private func answer(
        _ params: MessageList.Params,
        _ mailbox: MailboxRecord,
        isFinal: Bool = false
    ) throws -> MessageList.Result? {
        guard let state = try store.mailbox(mailbox.id)?.state else { return nil }
        let records = try store.messages(
            in: mailbox.id,
            limit: params.limit,
            after: params.after
        )
        if records.count < params.limit, !isFinal {
            guard try store.count(in: mailbox.id) >= state.total else { return nil }
        }
        let besides = try store.shownBesides(mailbox.id)
        return MessageList.Result(
            account: account,
            mailbox: mailbox.display,
            role: mailbox.role,
            total: max(0, state.total + besides.total),
            unseen: state.unseen.map { max(0, $0 + besides.unseen) },
            live: session != nil,
            asOf: DateTime(unixSeconds: state.confirmedAt),
            offlineSince: offlineSince,
            messages: records.map { MessageSummary($0, in: mailbox) }
        )
    }
}

extension IMAPWorker.InboxQuestion {
    fileprivate init(_ params: MessageList.Params) {
        self.init(limit: params.limit, after: params.after)
    }
}

extension MailboxInfo {
    /// A mailbox as last known.
    fileprivate init(_ mailbox: MailboxRecord) {
        self.init(
            name: mailbox.display,
            role: mailbox.role,
            total: mailbox.state?.total,
            unseen: mailbox.state?.unseen,
            selectable: mailbox.isSelectable
        )
    }
}
