// The outbox: what is on its way, what happened to it, and what a user can order about it.

import ArgumentParser
import BrokerProtocol
import Glibc
import MailModel

struct OutboxVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Show messages on their way; take back, try, send again or settle them.",
        subcommands: [
            OutboxListVerb.self, OutboxShowVerb.self, OutboxCancelVerb.self, OutboxRetryVerb.self,
            OutboxResendVerb.self, OutboxDoneVerb.self, OutboxAckVerb.self,
        ],
        defaultSubcommand: OutboxListVerb.self
    )
}

struct OutboxListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the messages that are not done with, oldest first."
    )
    @ArgumentParser.Flag(help: "Show those too that are done with and still remembered.")
    var all = false
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let params = OutboxList.Params(account: common.account(in: session), all: all)
        let list = try session.call(OutboxList.self, params)
        try session.answer(common, .outbox, list) { list in
            for line in OutboxView.lines(list.items, screen: session.screen, now: session.now()) {
                try session.output.line(line)
            }
        }
        return .ok
    }
}

struct OutboxShowVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a message of the outbox with all that happened to it."
    )
    @Argument(help: ArgumentHelp("The number in the outbox.", valueName: "id"))
    var id: MessageID
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let shown = try session.call(OutboxShow.self, OutboxShow.Params(id: id.number))
        try session.answer(common, .outboxItem, shown) { shown in
            for line in OutboxView.lines(shown, now: session.now()) {
                try session.output.line(line)
            }
        }
        return .ok
    }
}

/// The messages of an order.
struct OutboxOrderOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The numbers in the outbox.", valueName: "id"))
    var ids: [MessageID] = []
    @ArgumentParser.Flag(help: "The message that was taken in last.")
    var last = false
    @ArgumentParser.Flag(help: "All messages for which it is possible.")
    var all = false

    func validate() throws {
        let ways = [!ids.isEmpty, last, all].filter { $0 }.count
        guard ways == 1 else {
            throw ValidationError("give ids, --last or --all")
        }
    }

    /// Carries out an order and tells what became of each message.
    func order(
        _ action: OutboxAction,
        _ common: CommonOptions,
        in session: Session
    ) throws -> ExitStatus {
        let wanted = try numbers(action, common, session)
        guard !wanted.isEmpty else {
            throw FrontEndError.notFound("there is no message in the outbox to \(action.rawValue)")
        }
        var items: [OutboxChangeRequest.Result.Item] = []
        var rest = wanted[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(BrokerLimits.idsMax))
            rest = rest.dropFirst(portion.count)
            let params = OutboxChangeRequest.Params(ids: portion, action: action)
            items += try session.call(OutboxChangeRequest.self, params).items
        }
        try session.answer(common, .outboxChange, OutboxChangeRequest.Result(items: items)) {
            for item in $0.items {
                guard let message = item.item else { continue }
                try session.output.line("\(item.id)  \(OutboxView.state(message))")
            }
        }
        var status = ExitStatus.ok
        for item in items {
            guard let error = item.error else { continue }
            if status == .ok { status = ExitStatus(error) }
            if !common.json { _ = session.report(error, isJSON: false, about: item.id) }
        }
        return status
    }

    private func numbers(
        _ action: OutboxAction,
        _ common: CommonOptions,
        _ session: Session
    ) throws -> [Int64] {
        guard ids.isEmpty else { return ids.map(\.number) }
        let params = OutboxList.Params(account: common.account(in: session))
        let now = Int64(Glibc.time(nil))
        let possible = try session.call(OutboxList.self, params).items.filter {
            guard action.states.contains($0.state) else { return false }
            // What is not due yet is not late: nobody means it by "all".
            return action != .retry || $0.sendAt.map { $0.unixSeconds <= now } ?? true
        }
        return (last ? possible.suffix(1) : possible).map(\.id)
    }
}

struct OutboxCancelVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Take back messages that wait or are held."
    )
    @OptionGroup var messages: OutboxOrderOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.order(.cancel, common, in: session)
    }
}

struct OutboxRetryVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Try messages now that wait or have failed."
    )
    @OptionGroup var messages: OutboxOrderOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.order(.retry, common, in: session)
    }
}

struct OutboxResendVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "resend",
        abstract: "Send messages again that are held, though they may have been sent."
    )
    @OptionGroup var messages: OutboxOrderOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.order(.resend, common, in: session)
    }
}

struct OutboxDoneVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "done",
        abstract: "Say that messages that are held were sent."
    )
    @OptionGroup var messages: OutboxOrderOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.order(.done, common, in: session)
    }
}

struct OutboxAckVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Say that you know that messages have failed."
    )
    @OptionGroup var messages: OutboxOrderOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.order(.ack, common, in: session)
    }
}
