// Reads the responses about mailboxes: LIST, STATUS, NAMESPACE, and ID, which is written alike.

internal import MailModel

/// Readers of mailbox data (RFC 3501 7.2, RFC 2342 5, RFC 2971 3.2).
enum IMAPListReader {
    /// `(\HasNoChildren) "/" name` and what RFC 5258 puts behind it.
    static func list(_ tokens: inout IMAPTokens) -> IMAPListEntry? {
        guard let attributes = takeAttributes(&tokens), !tokens.isAtEnd else { return nil }
        let delimiter = delimiter(tokens.takeNString())
        guard let name = name(&tokens) else { return nil }
        return IMAPListEntry(name: name, delimiter: delimiter, attributes: attributes)
    }

    private static func takeAttributes(_ tokens: inout IMAPTokens) -> [[UInt8]]? {
        guard tokens.take(.open) else {
            guard tokens.isNil(tokens.peek) else { return nil }
            tokens.index += 1
            return []
        }
        var attributes: [[UInt8]] = []
        while let token = tokens.peek, token != .close {
            if let octets = tokens.octets(of: token), attributes.count < IMAPLimits.attributesMax,
                octets.count <= Flag.octetsMax
            {
                attributes.append(octets)
            }
            tokens.skipValue()
        }
        return tokens.take(.close) ? attributes : nil
    }

    /// `name (MESSAGES 231 UIDNEXT 44292)`.
    static func status(_ tokens: inout IMAPTokens) -> IMAPMailboxStatus? {
        guard let name = statusName(&tokens), tokens.take(.open) else { return nil }
        var status = IMAPMailboxStatus(name: name)
        while let key = tokens.takeAtom() {
            let value = tokens.octets(of: tokens.peek)
            tokens.skipValue()
            if let value { set(key, value, in: &status) }
        }
        return tokens.take(.close) ? status : nil
    }

    /// Three lists of namespaces, any of them NIL.
    static func namespaces(_ tokens: inout IMAPTokens) -> IMAPNamespaces? {
        var namespaces = IMAPNamespaces()
        guard let personal = namespaceList(&tokens) else { return nil }
        namespaces.personal = personal
        namespaces.otherUsers = namespaceList(&tokens) ?? []
        namespaces.shared = namespaceList(&tokens) ?? []
        return namespaces
    }

    /// `("name" "Dovecot" "version" NIL)` or NIL.
    static func id(_ tokens: inout IMAPTokens) -> [IMAPIDField]? {
        if tokens.isNil(tokens.peek) { return [] }
        guard tokens.take(.open) else { return nil }
        var fields: [IMAPIDField] = []
        while let token = tokens.peek, token != .close {
            let name = tokens.takeNString()
            let value = tokens.takeNString()
            guard let name, fields.count < IMAPLimits.idFieldsMax else { continue }
            fields.append(
                IMAPIDField(
                    name: Array(name.prefix(IMAPLimits.idOctetsMax)),
                    value: Array((value ?? []).prefix(IMAPLimits.idOctetsMax))
                )
            )
        }
        return fields
    }

    /// One octet or none; a server with two of them, or a control octet, has none that we could
    /// use.
    private static func delimiter(_ octets: [UInt8]?) -> UInt8? {
        guard let octets, octets.count == 1, (0x21...0x7E).contains(octets[0]) else { return nil }
        return octets[0]
    }

    private static func name(_ tokens: inout IMAPTokens) -> MailboxName? {
        guard let token = tokens.peek else { return nil }
        tokens.index += 1
        var octets = tokens.octets(of: token)
        if case .atom(let range) = token, !isFollowedByExtension(tokens, range.upperBound) {
            // QUIRK: Exchange leaves names with spaces and controls unquoted; RFC 3501 has nothing
            // behind a name, RFC 5258 only a list.
            octets = Array(tokens.frame.octets[range.lowerBound...])
            while octets?.last == ASCII.space { octets?.removeLast() }
        }
        return octets.flatMap(mailboxName)
    }

    private static func isFollowedByExtension(_ tokens: IMAPTokens, _ end: Int) -> Bool {
        guard let next = tokens.peek else { return true }
        return next == .open && tokens.frame.octets[end] == ASCII.space
    }

    private static func mailboxName(_ octets: [UInt8]) -> MailboxName? {
        octets.count <= MailboxName.octetsMax ? MailboxName(octets) : nil
    }

    /// The name before the last list; without quotes it may hold spaces and parentheses.
    private static func statusName(_ tokens: inout IMAPTokens) -> MailboxName? {
        guard let token = tokens.peek, let octets = tokens.octets(of: token) else { return nil }
        tokens.index += 1
        guard case .atom(let range) = token, !isFollowedByExtension(tokens, range.upperBound) else {
            return mailboxName(octets)
        }
        guard let list = tokens.tokens.lastIndex(of: .open), list >= tokens.index,
            let end = tokens.frame.octets.lastIndex(of: UInt8(ascii: "(")), end > range.lowerBound
        else { return nil }
        tokens.index = list
        return mailboxName(Array(ASCII.trimmed(tokens.frame.octets[range.lowerBound..<end])))
    }

    private static func set(
        _ key: ArraySlice<UInt8>,
        _ value: [UInt8],
        in status: inout IMAPMailboxStatus
    ) {
        if IMAPKeyword.equal(key, "MESSAGES") {
            status.messages = IMAPNumber.number32(value)
        } else if IMAPKeyword.equal(key, "RECENT") {
            status.recent = IMAPNumber.number32(value)
        } else if IMAPKeyword.equal(key, "UIDNEXT") {
            status.uidNext = IMAPNumber.number32(value)
        } else if IMAPKeyword.equal(key, "UIDVALIDITY") {
            status.uidValidity = IMAPNumber.number32(value).map { UIDValidity($0) }
        } else if IMAPKeyword.equal(key, "UNSEEN") {
            status.unseen = IMAPNumber.number32(value)
        } else if IMAPKeyword.equal(key, "HIGHESTMODSEQ") {
            status.highestModSeq = IMAPNumber.modSeq(value)
        } else if IMAPKeyword.equal(key, "SIZE") {
            status.size = IMAPNumber.size(value)
        }
    }

    /// `(("INBOX." ".") ...)`, or NIL.
    ///
    /// nil when it is neither.
    private static func namespaceList(_ tokens: inout IMAPTokens) -> [IMAPNamespace]? {
        if tokens.isNil(tokens.peek) {
            tokens.index += 1
            return []
        }
        guard tokens.take(.open) else { return nil }
        var list: [IMAPNamespace] = []
        while tokens.take(.open) {
            let prefix = tokens.takeNString()
            let mark = delimiter(tokens.takeNString())
            tokens.skipRestOfList()
            if let prefix, prefix.count <= MailboxName.octetsMax,
                list.count < IMAPLimits.namespacesMax
            {
                list.append(IMAPNamespace(prefix: prefix, delimiter: mark))
            }
        }
        tokens.skipRestOfList()
        return list
    }
}
