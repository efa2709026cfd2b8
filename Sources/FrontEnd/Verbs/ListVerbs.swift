// Lists: mailboxes and the messages in them.

import ArgumentParser
import BrokerProtocol

/// `--fresh`, of all that lists.
struct FreshOption: ParsableArguments {
    @Flag(help: "Wait for the mail server; do not answer from the cache.")
    var fresh = false

    /// What a request says of it: nothing where it was not given.
    var asked: Bool? { fresh ? true : nil }
}

/// What `inbox`, `sent`, `trash` and `list` have in common.
struct ListOptions: ParsableArguments {
    @Option(name: .short, help: ArgumentHelp("Rows at most.", valueName: "rows"))
    var number: Int = FrontEndLimits.listRows
    @OptionGroup var fresh: FreshOption

    func validate() throws {
        guard (1...BrokerLimits.listMax).contains(number) else {
            throw ValidationError("-n takes a number from 1 to \(BrokerLimits.listMax)")
        }
    }

    func show(_ mailbox: String, _ common: CommonOptions, in session: Session) throws -> ExitStatus
    {
        let list = try session.call(
            MessageList.self,
            MessageList.Params(
                account: common.account(in: session),
                mailbox: mailbox,
                limit: number,
                fresh: fresh.asked
            )
        )
        try session.answer(common, .list, list) { list in
            let view = ListView(list, screen: session.screen, now: session.now())
            for line in view.lines { try session.output.line(line) }
        }
        session.onList(list)
        return .ok
    }
}

struct InboxVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract: "List the newest messages of the inbox."
    )
    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try list.show("inbox", common, in: session)
    }
}

struct SentVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "sent",
        abstract: "List the newest sent messages."
    )
    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try list.show("sent", common, in: session)
    }
}

struct TrashVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "trash",
        abstract: "List the newest messages in the trash."
    )
    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try list.show("trash", common, in: session)
    }
}

struct ListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the newest messages of a mailbox."
    )
    @Argument(help: "A mailbox of `mb folders`, or what it is for: drafts, junk, archive.")
    var mailbox: String
    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        guard !mailbox.utf8.isEmpty else {
            throw FrontEndError.usage("the mailbox is empty", field: "mailbox")
        }
        return try list.show(mailbox, common, in: session)
    }
}

struct FoldersVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "folders",
        abstract: "List the mailboxes with their totals."
    )
    @OptionGroup var fresh: FreshOption
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let account = common.account(in: session)
        let params = MailboxList.Params(account: account, fresh: fresh.asked)
        let folders = try session.call(MailboxList.self, params)
        try session.answer(common, .folders, folders) { folders in
            let lines = StatusView.lines(folders, now: session.now())
            for line in lines { try session.output.line(line) }
        }
        return .ok
    }
}
