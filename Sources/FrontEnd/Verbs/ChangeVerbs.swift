// Changes: flags, the trash, deletion for good. Each message's outcome is told on its own line.

import ArgumentParser
import BrokerProtocol
import MailModel

/// The messages of a change and what is told of it.
struct ChangeOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The messages' ids.", valueName: "id"))
    var ids: [MessageID]

    /// Makes a change of these messages in portions the broker takes, and tells the outcomes.
    func change<Method: BrokerMethod>(
        _ method: Method.Type,
        _ common: CommonOptions,
        in session: Session,
        params: ([Int64]) -> Method.Params
    ) throws -> ExitStatus where Method.Result == ChangeResult {
        try Change(ids: ids).make(method, common, in: session, params: params)
    }
}

/// The messages of a change and the mailbox it takes them to.
struct TransferOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The messages' ids, then the mailbox.", valueName: "id ... mailbox")
    )
    var words: [String]

    /// The mailbox.
    var target: String { words.last ?? "" }

    /// The messages.
    func ids() throws -> [MessageID] {
        try words.dropLast().map { word in
            guard let id = MessageID(argument: word) else {
                throw FrontEndError.usage("\(word) is not a message's id", field: "id")
            }
            return id
        }
    }

    func validate() throws {
        guard words.count > 1 else {
            throw ValidationError("ids and a mailbox are needed: mb mv 12 15 Archive")
        }
    }
}

/// A change of messages, as verbs make it.
struct Change {
    let ids: [MessageID]

    /// Makes the change in portions the broker takes, and tells the outcomes.
    func make<Method: BrokerMethod>(
        _ method: Method.Type,
        _ common: CommonOptions,
        in session: Session,
        params: ([Int64]) -> Method.Params
    ) throws -> ExitStatus where Method.Result == ChangeResult {
        var items: [ChangeResult.Item] = []
        var rest = ids.map(\.number)[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(BrokerLimits.idsMax))
            rest = rest.dropFirst(portion.count)
            items += try session.call(method, params(portion)).items
            try purgeWhatIsInTrash(&items, common, in: session)
        }
        let result = ChangeResult(items: items)
        try session.answer(common, .change, result) { result in
            for item in result.items where item.error == nil {
                if let line = Self.line(item) { try session.output.line(line) }
            }
        }
        var status = ExitStatus.ok
        for item in items {
            guard let error = item.error ?? Self.failure(item) else { continue }
            if status == .ok { status = ExitStatus(error) }
            if !common.json { _ = session.report(error, isJSON: false, about: item.id) }
        }
        return status
    }

    /// Deletes for good what was to go to Trash and is there already, after saying so.
    private func purgeWhatIsInTrash(
        _ items: inout [ChangeResult.Item],
        _ common: CommonOptions,
        in session: Session
    ) throws {
        let ids = items.filter { $0.outcome == .inTrash }.map(\.id)
        guard !ids.isEmpty else { return }
        for id in ids where !common.json {
            try session.say("\(id) is in Trash already: deleting it for good")
        }
        let purged = try session.call(MessagePurge.self, MessagePurge.Params(ids: ids)).items
        for item in purged {
            if let index = items.firstIndex(where: { $0.id == item.id }) { items[index] = item }
        }
    }

    /// A failure that came without its reason is one all the same.
    private static func failure(_ item: ChangeResult.Item) -> BrokerError? {
        item.outcome == .failed ? BrokerError(.internalError, "failed, without a reason") : nil
    }

    /// What is told of an outcome; nothing of a changed flag or label.
    private static func line(_ item: ChangeResult.Item) -> String? {
        let waits = item.waiting == true ? ", when the server can be told" : ""
        let mailbox = TerminalText.line(item.mailbox ?? "Trash")
        let changed = item.waiting == true ? "\(item.id)  changed\(waits)" : nil
        switch item.outcome {
        case .flagged: return changed
        case .labelled where item.mailbox == nil: return changed
        case .trashed, .moved, .labelled: return "\(item.id)  moved to \(mailbox)\(waits)"
        case .copied: return "\(item.id)  copied to \(mailbox)\(waits)"
        case .purged: return "\(item.id)  deleted for good\(waits)"
        case .failed, .inTrash: return nil
        }
    }
}

struct RmVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Move messages to the trash; delete for good what is there already."
    )
    @OptionGroup var messages: ChangeOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.change(MessageTrash.self, common, in: session) {
            MessageTrash.Params(ids: $0)
        }
    }
}

struct MvVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "mv",
        abstract: "Move messages to another mailbox."
    )
    @OptionGroup var messages: TransferOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let change = Change(ids: try messages.ids())
        return try change.make(MessageMove.self, common, in: session) {
            MessageMove.Params(ids: $0, target: messages.target)
        }
    }
}

struct CpVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "cp",
        abstract: "Copy messages to another mailbox."
    )
    @OptionGroup var messages: TransferOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let change = Change(ids: try messages.ids())
        return try change.make(MessageCopy.self, common, in: session) {
            MessageMove.Params(ids: $0, target: messages.target)
        }
    }
}

struct ArchiveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Move messages to the archive."
    )
    @OptionGroup var messages: ChangeOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.change(MessageMove.self, common, in: session) {
            MessageMove.Params(ids: $0, target: "archive")
        }
    }
}

struct PurgeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Delete messages for good, wherever they are."
    )
    @ArgumentParser.Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false
    @OptionGroup var messages: ChangeOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        if session.canAsk, !yes {
            let count = messages.ids.count
            let what = count == 1 ? "the message" : "\(count) messages"
            guard try session.confirm("Delete \(what) for good?") else {
                try session.say("nothing was deleted")
                return .ok
            }
        }
        return try messages.change(MessagePurge.self, common, in: session) {
            MessagePurge.Params(ids: $0)
        }
    }
}

struct SeenVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "seen",
        abstract: "Mark messages as seen."
    )
    @OptionGroup var messages: ChangeOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.change(MessageFlag.self, common, in: session) {
            MessageFlag.Params(ids: $0, add: [.seen])
        }
    }
}

struct UnseenVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "unseen",
        abstract: "Mark messages as not seen."
    )
    @OptionGroup var messages: ChangeOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.change(MessageFlag.self, common, in: session) {
            MessageFlag.Params(ids: $0, remove: [.seen])
        }
    }
}

struct FlagVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "flag",
        abstract: "Mark messages as flagged."
    )
    @OptionGroup var messages: ChangeOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.change(MessageFlag.self, common, in: session) {
            MessageFlag.Params(ids: $0, add: [.flagged])
        }
    }
}

struct UnflagVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "unflag",
        abstract: "Take the flagged mark off messages."
    )
    @OptionGroup var messages: ChangeOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.change(MessageFlag.self, common, in: session) {
            MessageFlag.Params(ids: $0, remove: [.flagged])
        }
    }
}
