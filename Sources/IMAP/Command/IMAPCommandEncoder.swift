// Writes each command, in the form the server's capabilities allow. What a server does not offer is
// refused here, before a single octet has gone out.

internal import MailModel

/// Writes commands for a server in a known state.
struct IMAPCommandEncoder {
    /// What the server offers.
    let capabilities: IMAPCapabilities
    /// What of it has been switched on by ENABLE.
    var enabled = IMAPCapabilities()
    /// Whether the open mailbox is read only; nil when none is open.
    let selectedReadOnly: Bool?
    /// Who we are.
    let clientID: [IMAPIDField]

    /// The command with its tag.
    /// - Throws: `IMAPError` of the caller: `capabilityMissing`, `commandTooLong`,
    /// `invalidArgument`.
    func encode(_ command: IMAPCommand, tag: IMAPTag) throws(IMAPError) -> IMAPCommandText {
        var writer = IMAPCommandWriter(capabilities)
        writer.write(tag.octets)
        writer.write(" ")
        try write(command, to: &writer)
        var text = try writer.finish()
        if command == .idle { text.pieces.append(.wait) }
        return text
    }

    private func write(
        _ command: IMAPCommand,
        to writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        switch command {
        case .capability: writer.write("CAPABILITY")
        case .noop: writer.write("NOOP")
        case .logout: writer.write("LOGOUT")
        case .idle:
            try require("IDLE")
            writer.write("IDLE")
        case .notify, .notifySelected:
            try require("NOTIFY")
            // Without fetch attributes the open mailbox is told of as ever: EXISTS, FETCH, EXPUNGE.
            let events = "MessageNew MessageExpunge FlagChange"
            guard command == .notify else {
                writer.write("NOTIFY SET (selected (\(events)))")
                return
            }
            writer.write("NOTIFY SET STATUS (selected (\(events))) ")
            writer.write("(personal (\(events) MailboxName))")
        case .id:
            try require("ID")
            try writeID(&writer)
        case .list(let reference, let pattern, let options):
            try writeList(reference, pattern, options, &writer)
        case .enable(let extensions): try writeEnable(extensions, &writer)
        case .select(let mailbox, let readOnly, let point):
            try writeSelect(mailbox, readOnly, point, &writer)
        case .unselect: try writeUnselect(&writer)
        case .status(let mailbox, let items): try writeStatus(mailbox, items, &writer)
        case .quotaRoot(let mailbox):
            try require("QUOTA")
            writer.write("GETQUOTAROOT ")
            try writer.writeString(mailbox.octets)
        case .create(let mailbox):
            writer.write("CREATE ")
            try writer.writeString(mailbox.octets)
        default: try writeMessageCommand(command, to: &writer)
        }
    }

    private func writeMessageCommand(
        _ command: IMAPCommand,
        to writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        switch command {
        case .uidFetch(let set, let items): try writeUIDFetch(set, items, &writer)
        case .uidFetchChanged(let set, let items, let modSeq):
            try require("CONDSTORE")
            guard modSeq > 0 else { throw IMAPError(.invalidArgument) }
            try writeUIDFetch(set, items, &writer)
            writer.write(" (CHANGEDSINCE \(modSeq))")
        case .fetch(let range, let items):
            guard range.lowerBound > 0 else { throw IMAPError(.invalidArgument) }
            writer.write("FETCH \(range.lowerBound):\(range.upperBound)")
            try writeItems(items, &writer)
        case .uidSearch(let keys): try writeSearch(keys, &writer)
        case .uidStore(let set, let operation, let flags, let silent):
            guard !flags.isEmpty, !flags.contains(.recent) else {
                throw IMAPError(.invalidArgument)
            }
            writer.write("UID STORE ")
            try writer.writeSet(set)
            writer.write(operation == .add ? " +FLAGS" : " -FLAGS")
            writer.write(silent ? ".SILENT " : " ")
            writer.writeFlags(flags)
        case .uidStoreLabels(let set, let operation, let labels):
            try require("X-GM-EXT-1")
            guard !labels.isEmpty else { throw IMAPError(.invalidArgument) }
            writer.write("UID STORE ")
            try writer.writeSet(set)
            writer.write(operation == .add ? " +X-GM-LABELS " : " -X-GM-LABELS ")
            try writer.writeLabels(labels)
        case .uidMove(let set, let mailbox):
            try require("MOVE")
            try writeTransfer("UID MOVE ", set, mailbox, &writer)
        case .uidCopy(let set, let mailbox):
            try writeTransfer("UID COPY ", set, mailbox, &writer)
        case .uidExpunge(let set):
            try require("UIDPLUS")
            writer.write("UID EXPUNGE ")
            try writer.writeSet(set)
        case .append(let mailbox, let flags, let date, let size):
            try writeAppend(mailbox, flags, date, size, &writer)
        default: throw IMAPError(.invalidArgument)
        }
    }

    private func require(_ capability: String) throws(IMAPError) {
        guard capabilities.has(capability) else { throw IMAPError(.capabilityMissing) }
    }

    /// QUIRK: Strato switches on what it does not offer and cannot do.
    private func writeEnable(
        _ extensions: [String],
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        try require("ENABLE")
        guard !extensions.isEmpty else { throw IMAPError(.invalidArgument) }
        for name in extensions { try require(name) }
        writer.write("ENABLE " + extensions.joined(separator: " "))
    }

    // MARK: Mailboxes

    /// CONDSTORE is asked for wherever it is offered: without, no mod-sequences are named (RFC 7162
    /// 3.1.8).
    ///
    /// QUIRK: Dovecot closes the mailbox before it refuses known UIDs with `*`; none are named.
    private func writeSelect(
        _ mailbox: MailboxName,
        _ readOnly: Bool,
        _ point: IMAPSyncPoint?,
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        writer.write(readOnly ? "EXAMINE " : "SELECT ")
        try writer.writeString(mailbox.octets)
        if let point, enabled.has("QRESYNC") {
            writer.write(" (QRESYNC (\(point.uidValidity.value) \(point.modSeq)))")
        } else if capabilities.has("CONDSTORE") {
            writer.write(" (CONDSTORE)")
        }
    }

    private func writeID(_ writer: inout IMAPCommandWriter) throws(IMAPError) {
        guard !clientID.isEmpty else {
            writer.write("ID NIL")
            return
        }
        writer.write("ID (")
        for (index, field) in clientID.enumerated() {
            if index > 0 { writer.write(" ") }
            try writer.writeString(field.name)
            writer.write(" ")
            try writer.writeString(field.value)
        }
        writer.write(")")
    }

    /// RETURN with nothing left out: a server that is asked for one attribute gives no other
    /// (Dovecot leaves \Trash out when only SUBSCRIBED is asked).
    private func writeList(
        _ reference: [UInt8],
        _ pattern: [UInt8],
        _ options: IMAPListOptions,
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        writer.write("LIST ")
        try writer.writeString(reference)
        writer.write(" ")
        try writer.writeString(pattern)
        guard capabilities.has("LIST-EXTENDED") else { return }
        var returns: [String] = []
        if options.asksAttributes {
            returns += ["SUBSCRIBED", "CHILDREN"]
            if capabilities.has("SPECIAL-USE") { returns.append("SPECIAL-USE") }
        }
        let items = available(options.status)
        if !items.isEmpty, capabilities.has("LIST-STATUS") {
            returns.append("STATUS (" + items.joined(separator: " ") + ")")
        }
        guard !returns.isEmpty else { return }
        writer.write(" RETURN (" + returns.joined(separator: " ") + ")")
    }

    private func writeUnselect(_ writer: inout IMAPCommandWriter) throws(IMAPError) {
        if capabilities.has("UNSELECT") {
            writer.write("UNSELECT")
        } else if selectedReadOnly == true {
            // CLOSE expunges only what was opened with SELECT (RFC 3501 6.4.2).
            writer.write("CLOSE")
        } else {
            throw IMAPError(.capabilityMissing)
        }
    }

    private func writeStatus(
        _ mailbox: MailboxName,
        _ items: [IMAPStatusItem],
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        let items = available(items)
        guard !items.isEmpty else { throw IMAPError(.capabilityMissing) }
        writer.write("STATUS ")
        try writer.writeString(mailbox.octets)
        writer.write(" (" + items.joined(separator: " ") + ")")
    }

    /// QUIRK: Dovecot 2.3 answers BAD to a whole STATUS for one item it does not know.
    private func available(_ items: [IMAPStatusItem]) -> [String] {
        items.filter { item in
            switch item {
            case .highestModSeq: capabilities.has("CONDSTORE") || capabilities.has("QRESYNC")
            case .size: capabilities.has("STATUS=SIZE")
            default: true
            }
        }
        .map(\.rawValue)
    }

    // MARK: Messages

    private func writeMessages(
        _ set: IMAPMessageSet,
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        switch set {
        case .uids(let set): try writer.writeSet(set)
        case .from(let uid):
            guard uid.value > 0 else { throw IMAPError(.invalidArgument) }
            writer.write("\(uid.value):*")
        }
    }

    private func writeTransfer(
        _ verb: String,
        _ set: UIDSet,
        _ mailbox: MailboxName,
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        writer.write(verb)
        try writer.writeSet(set)
        writer.write(" ")
        try writer.writeString(mailbox.octets)
    }

    private func writeAppend(
        _ mailbox: MailboxName,
        _ flags: [Flag],
        _ date: DateTime?,
        _ size: UInt64,
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        // An empty message is how MULTIAPPEND says that it ends (RFC 3502 6.3.11).
        guard size > 0, size <= IMAPLimits.streamedOctetsMax, !flags.contains(.recent) else {
            throw IMAPError(.invalidArgument)
        }
        writer.write("APPEND ")
        try writer.writeString(mailbox.octets)
        writer.write(" ")
        if !flags.isEmpty {
            writer.writeFlags(flags)
            writer.write(" ")
        }
        if let date { writer.write("\"\(date.imapDateTime)\" ") }
        writer.writeMessage(size)
    }

    private func writeUIDFetch(
        _ set: IMAPMessageSet,
        _ items: [IMAPFetchItem],
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        writer.write("UID FETCH ")
        try writeMessages(set, &writer)
        try writeItems(items, &writer)
    }

    private func writeItems(
        _ items: [IMAPFetchItem],
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        var texts: [String] = []
        for item in items {
            if let text = try text(of: item) { texts.append(text) }
        }
        guard !texts.isEmpty else { throw IMAPError(.invalidArgument) }
        writer.write(" (" + texts.joined(separator: " ") + ")")
    }

    private func text(of item: IMAPFetchItem) throws(IMAPError) -> String? {
        switch item {
        case .uid: return "UID"
        case .flags: return "FLAGS"
        case .internalDate: return "INTERNALDATE"
        case .size: return "RFC822.SIZE"
        case .bodyStructure: return "BODYSTRUCTURE"
        case .modSeq: return capabilities.has("CONDSTORE") ? "MODSEQ" : nil
        case .emailID: return object("X-GM-MSGID", "EMAILID")
        case .threadID: return object("X-GM-THRID", "THREADID")
        case .labels: return capabilities.has("X-GM-EXT-1") ? "X-GM-LABELS" : nil
        case .headerFields(let names):
            guard !names.isEmpty, names.allSatisfy(Self.isFieldName) else {
                throw IMAPError(.invalidArgument)
            }
            return "BODY.PEEK[HEADER.FIELDS (" + names.joined(separator: " ") + ")]"
        case .section(let section, let partial):
            guard section.utf8.allSatisfy(Self.isSectionOctet) else {
                throw IMAPError(.invalidArgument)
            }
            guard let partial else { return "BODY.PEEK[\(section)]" }
            guard partial.count > 0 else { throw IMAPError(.invalidArgument) }
            return "BODY.PEEK[\(section)]<\(partial.offset).\(partial.count)>"
        }
    }

    /// The name of an identifier on this server; nil where it has none.
    private func object(_ gmail: String, _ standard: String) -> String? {
        if capabilities.has("X-GM-EXT-1") { return gmail }
        return capabilities.has("OBJECTID") ? standard : nil
    }

    /// Letters, digits and hyphens: all that the fields we ask for have.
    private static func isFieldName(_ name: String) -> Bool {
        !name.utf8.isEmpty && name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isSectionOctet(_ octet: UInt8) -> Bool {
        isAlphanumeric(octet) || octet == UInt8(ascii: ".")
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        let folded = ASCII.lowercased(octet)
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(folded)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
    }

    private func writeSearch(
        _ keys: [IMAPSearchKey],
        _ writer: inout IMAPCommandWriter
    ) throws(IMAPError) {
        guard !keys.isEmpty else { throw IMAPError(.invalidArgument) }
        // QUIRK: Exchange answers `RETURN ()` without ALL, so what is wanted is named.
        writer.write(capabilities.has("ESEARCH") ? "UID SEARCH RETURN (ALL)" : "UID SEARCH")
        // Without a charset a server reads US-ASCII (RFC 3501 6.4.4), and some refuse one that is
        // not needed.
        if keys.contains(where: \.needsCharset) { writer.write(" CHARSET UTF-8") }
        for key in keys {
            writer.write(" ")
            switch key {
            case .all: writer.write("ALL")
            case .undeleted: writer.write("UNDELETED")
            case .unseen: writer.write("UNSEEN")
            case .uids(let set):
                writer.write("UID ")
                try writeMessages(set, &writer)
            case .messageID(let octets):
                guard !octets.isEmpty else { throw IMAPError(.invalidArgument) }
                writer.write("HEADER MESSAGE-ID ")
                try writer.writeString(octets)
            }
        }
    }
}

extension IMAPSearchKey {
    /// Whether it holds octets that are not US-ASCII.
    fileprivate var needsCharset: Bool {
        if case .messageID(let octets) = self { octets.contains { $0 > 0x7F } } else { false }
    }
}
