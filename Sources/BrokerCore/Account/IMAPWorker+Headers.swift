// The one place where headers are fetched. A message that the server cannot give must not cost the
// others: what fails is asked for again in smaller parts, and the message that is left is listed
// with what is known of it (protocols.md section 5, QUIRK 39, 51, 86).

import BrokerProtocol
import IMAP
import Logging
import MailModel
import MailSession
import MailStore

/// Messages whose headers are wanted.
enum HeaderRange {
    /// By number.
    case numbers(ClosedRange<UInt32>)
    /// By UID.
    case uids([UID])
    /// From a UID on.
    case from(UID)

    /// The command that fetches items of them.
    func fetch(_ items: [IMAPFetchItem]) -> IMAPCommand {
        switch self {
        case .numbers(let range): .fetch(range, items)
        case .uids(let uids): .uidFetch(.uids(UIDSet(uids)), items)
        case .from(let uid): .uidFetch(.from(uid), items)
        }
    }

    /// Whether a message of an answer was asked for: servers also name others.
    fileprivate func mayHold(_ message: IMAPFetchData) -> Bool {
        switch self {
        case .numbers(let range): range.contains(message.sequenceNumber)
        case .uids(let uids): message.uid.map { uids.contains($0) } ?? false
        case .from(let first): message.uid.map { $0 >= first } ?? false
        }
    }
}

extension IMAPWorker {
    /// Fetches what a list shows of messages of the open mailbox.
    func headers(
        _ range: HeaderRange,
        of opened: OpenMailbox,
        _ session: IMAPSession
    ) async throws(SessionError) -> [IMAPFetchData] {
        if doubts[opened.id]?.epoch != opened.epoch { doubts[opened.id] = nil }
        let known = doubts[opened.id] ?? FetchDoubts(epoch: opened.epoch)
        guard !known.isCareful else { return try await carefully(range, of: opened, [], session) }
        let answer: IMAPAnswer
        do throws(SessionError) {
            answer = try await session.ask(range.fetch(Self.listItems))
        } catch {
            lose(known, of: opened)
            throw error
        }
        guard let refusal = answer.refusal else {
            doubts[opened.id] = nil
            return answer.messages
        }
        guard !refusal.isLimit else { throw .refused(command: "FETCH", refusal) }
        return try await carefully(range, of: opened, answer.messages, session)
    }

    /// Notes that the connection ended while headers were fetched; soon it is known why.
    private func lose(_ known: FetchDoubts, of opened: OpenMailbox) {
        var known = known
        known.loseConnection()
        doubts[opened.id] = known
        isTrial = known.isCareful
    }

    /// Fetches headers in parts, and of those that cannot be had what can.
    private func carefully(
        _ range: HeaderRange,
        of opened: OpenMailbox,
        _ before: [IMAPFetchData],
        _ session: IMAPSession
    ) async throws(SessionError) -> [IMAPFetchData] {
        let listed = try await session.execute(range.fetch([.uid, .flags])).messages
            .filter(range.mayHold)
        var known = doubts[opened.id] ?? FetchDoubts(epoch: opened.epoch)
        var messages = before
        var (refusals, hasHeaders) = ([IMAPResult](), !before.isEmpty)
        let had = Set(before.compactMap(\.uid))
        var parts = known.parts(of: listed.compactMap(\.uid).filter { !had.contains($0) })
        while let part = parts.popLast() {
            let isDamaged = part.allSatisfy(known.isDamaged)
            let answer: IMAPAnswer
            do throws(SessionError) {
                let items = isDamaged ? Self.bareItems : Self.listItems
                answer = try await session.ask(
                    .uidFetch(.uids(UIDSet(part)), items),
                    wait: CoreLimits.headerTrialWait
                )
            } catch {
                known.fail(part)
                lose(known, of: opened)
                throw error
            }
            let got = answer.messages.filter { $0.uid.map(part.contains) ?? false }
            messages += isDamaged ? got.map { $0.withoutHeader } : got
            hasHeaders = hasHeaders || (!isDamaged && !got.isEmpty)
            guard let refusal = answer.refusal else { continue }
            refusals.append(refusal)
            // Where nothing can be had it is not the fault of a message.
            let isHopeful = hasHeaders || refusals.count < CoreLimits.headerRefusalsMax
            guard !refusal.isLimit, isHopeful else {
                doubts[opened.id] = nil
                throw .refused(command: "FETCH", refusal)
            }
            let left = part.filter { uid in !got.contains { $0.uid == uid } }
            known.fail(left)
            parts += known.parts(within: left.filter { !known.isHopeless($0) })
        }
        if let refusal = refusals.last, !hasHeaders {
            try await checkHeaders(of: opened, isOnly: listed.count == 1, refusal, session)
        }
        let news = known.finish()
        doubts[opened.id] = known
        trials = 0
        report(news)
        let found = Set(messages.compactMap(\.uid))
        let lost = listed.filter { message in
            message.uid.map { !found.contains($0) && known.isHopeless($0) } ?? false
        }
        return messages + lost.map(\.withoutHeader)
    }

    /// Makes sure that headers can be had at all where none came: by a message whose header was had
    /// before.
    ///
    /// Where there is none, only a message that is alone in its mailbox is held to be at fault.
    private func checkHeaders(
        of opened: OpenMailbox,
        isOnly: Bool,
        _ refusal: IMAPResult,
        _ session: IMAPSession
    ) async throws(SessionError) {
        let known = try stored { () throws(StoreError) in try store.highestUID(in: opened.id) }
        do throws(SessionError) {
            guard let known else {
                if isOnly { return }
                throw .refused(command: "FETCH", refusal)
            }
            guard doubts[opened.id]?.isDamaged(known) != true else { return }
            _ = try await session.execute(HeaderRange.uids([known]).fetch(Self.listItems))
        } catch {
            doubts[opened.id] = nil
            throw error
        }
    }

    /// What is asked of a message whose header cannot be had.
    private static let bareItems: [IMAPFetchItem] = [
        .uid, .flags, .internalDate, .size, .emailID, .threadID, .labels,
    ]

    /// Tells, once, of messages that the server cannot give.
    private func report(_ uids: [UID]) {
        guard let opened, !uids.isEmpty,
            let mailbox = mailboxes.first(where: { $0.id == opened.id })
                ?? (try? store.mailbox(opened.id))
        else { return }
        let names = uids.sorted().prefix(CoreLimits.announcedMax).map { String($0.value) }
        let text = "the server cannot give the header of UID " + names.joined(separator: ", ")
        let metadata: Logger.Metadata = ["account": "\(account)", "mailbox": "\(mailbox.display)"]
        log.warning("\(text)", metadata: metadata)
        var event = Event.changed(.messageUnreadable, [], in: mailbox)
        event.ids = nil
        event.text = text
        hub.publish(event)
    }

    /// Whether the connection ended by a message that is being looked for, so that the next one may
    /// be made at once; only so often.
    func takeTrial() -> Bool {
        guard isTrial else { return false }
        isTrial = false
        trials += 1
        return trials <= CoreLimits.headerTrialsMax
    }
}

extension IMAPResult {
    /// Whether the server asks for less of everything, and no message is at fault.
    fileprivate var isLimit: Bool {
        switch self {
        case .no(let code, _), .bad(let code, _):
            code == .condition(.limit) || code == .condition(.throttled)
                || code == .condition(.inUse)
        case .ok, .malformed: false
        case .refused: true
        }
    }
}

extension IMAPFetchData {
    /// The message with words in place of the header that the server cannot give.
    fileprivate var withoutHeader: IMAPFetchData {
        var message = self
        message.headers = Array("Subject: (the mail server cannot give this message)\r\n\r\n".utf8)
        return message
    }
}
