// Reads FETCH responses item by item (RFC 3501 7.4.2). An item that makes no sense costs only
// itself.

internal import MailModel

/// The reader of FETCH data.
enum IMAPFetchReader {
    /// The data in parentheses; nil when there is no list at all.
    static func read(_ tokens: inout IMAPTokens, sequenceNumber: UInt32) -> IMAPFetchData? {
        guard tokens.take(.open) else { return nil }
        var data = IMAPFetchData(sequenceNumber: sequenceNumber)
        while let token = tokens.peek, token != .close {
            guard let key = tokens.takeAtom() else {
                tokens.skipValue()
                data.malformedItems += 1
                continue
            }
            let start = tokens.index
            if !readItem(key, &tokens, &data) {
                data.malformedItems += 1
                tokens.index = start
                tokens.skipValue()
            }
        }
        // A server that forgot the last parenthesis has still sent the items before it.
        if !tokens.take(.close) || tokens.isDamaged { data.malformedItems += 1 }
        return data
    }

    /// Reads one item's value; false when it makes no sense.
    private static func readItem(
        _ key: ArraySlice<UInt8>,
        _ tokens: inout IMAPTokens,
        _ data: inout IMAPFetchData
    ) -> Bool {
        if let bracket = key.firstIndex(of: UInt8(ascii: "[")) {
            if IMAPKeyword.equal(key[..<bracket], "BINARY.SIZE") {
                tokens.skipValue()
                return true
            }
            return readSection(key[(bracket + 1)...], &tokens, &data)
        }
        if IMAPKeyword.equal(key, "UID") {
            data.uid = value(&tokens).flatMap(IMAPNumber.uid)
            return data.uid != nil
        }
        if IMAPKeyword.equal(key, "FLAGS") {
            data.flags = tokens.takeFlags()
            return data.flags != nil
        }
        if IMAPKeyword.equal(key, "INTERNALDATE") {
            data.internalDate = value(&tokens).flatMap(IMAPDateTime.read)
            return data.internalDate != nil
        }
        if IMAPKeyword.equal(key, "RFC822.SIZE") {
            data.size = value(&tokens).flatMap(IMAPNumber.size)
            return data.size != nil
        }
        if IMAPKeyword.equal(key, "MODSEQ") { return readModSeq(&tokens, &data) }
        if let isSense = readExtension(key, &tokens, &data) { return isSense }
        if IMAPKeyword.equal(key, "BODYSTRUCTURE") || IMAPKeyword.equal(key, "BODY") {
            let structure = IMAPBodyStructureReader.read(&tokens)
            data.bodyStructure = structure ?? data.bodyStructure
            return structure != nil
        }
        return readOldSection(key, &tokens, &data)
    }

    /// Labels and what names messages for good; nil for another item.
    private static func readExtension(
        _ key: ArraySlice<UInt8>,
        _ tokens: inout IMAPTokens,
        _ data: inout IMAPFetchData
    ) -> Bool? {
        if IMAPKeyword.equal(key, "X-GM-LABELS") {
            data.labels = tokens.takeLabels()
            return data.labels != nil
        }
        if IMAPKeyword.equal(key, "X-GM-MSGID") {
            data.emailID = value(&tokens).flatMap { ObjectID($0) }
            return data.emailID != nil
        }
        if IMAPKeyword.equal(key, "X-GM-THRID") {
            data.threadID = value(&tokens).flatMap { ObjectID($0) }
            return data.threadID != nil
        }
        if IMAPKeyword.equal(key, "EMAILID") { return readObjectID(&tokens, &data.emailID) }
        if IMAPKeyword.equal(key, "THREADID") { return readObjectID(&tokens, &data.threadID) }
        return nil
    }

    /// `(M6d99ac3275bb4e)`, or NIL (RFC 8474 7).
    private static func readObjectID(
        _ tokens: inout IMAPTokens,
        _ id: inout ObjectID?
    ) -> Bool {
        if tokens.isNil(tokens.peek) {
            tokens.index += 1
            return true
        }
        guard tokens.take(.open) else { return false }
        id = value(&tokens).flatMap { ObjectID($0) }
        return tokens.take(.close) && id != nil
    }

    private static func value(_ tokens: inout IMAPTokens) -> [UInt8]? {
        guard let octets = tokens.octets(of: tokens.peek) else { return nil }
        tokens.index += 1
        return octets
    }

    /// `(12121231000)` (RFC 7162 4).
    private static func readModSeq(
        _ tokens: inout IMAPTokens,
        _ data: inout IMAPFetchData
    ) -> Bool {
        guard tokens.take(.open) else { return false }
        let octets = value(&tokens)
        if let octets, octets.first == UInt8(ascii: "-"), IMAPNumber.size(octets) != nil {
            return tokens.take(.close)  // QUIRK: Zoho says -1 where it has none.
        }
        data.modSeq = octets.flatMap(IMAPNumber.modSeq)
        return tokens.take(.close) && data.modSeq != nil
    }

    /// The names sections had before IMAP4 (RFC 3501 6.4.5); anything else unknown is read past.
    private static func readOldSection(
        _ key: ArraySlice<UInt8>,
        _ tokens: inout IMAPTokens,
        _ data: inout IMAPFetchData
    ) -> Bool {
        let names: [(StaticString, String)] = [
            ("RFC822", ""), ("RFC822.HEADER", "HEADER"), ("RFC822.TEXT", "TEXT"),
        ]
        guard let name = names.first(where: { IMAPKeyword.equal(key, $0.0) })?.1 else {
            tokens.skipValue()
            return true
        }
        guard let content = takeContent(&tokens) else { return false }
        data.sections.append(IMAPFetchData.Section(name: Array(name.utf8), content: content))
        return true
    }

    /// The content of `BODY[section]<origin>`; `rest` is what follows the bracket.
    private static func readSection(
        _ rest: ArraySlice<UInt8>,
        _ tokens: inout IMAPTokens,
        _ data: inout IMAPFetchData
    ) -> Bool {
        guard let close = rest.lastIndex(of: UInt8(ascii: "]")) else { return false }
        let name = rest[..<close]
        guard let content = takeContent(&tokens) else { return false }
        if name.contains(UInt8(ascii: "(")) {
            // Which fields: the echo is not compared, for servers quote and reorder it.
            switch content {
            case .inline(let octets): data.headers = octets
            case .absent, .streamed: data.headers = []
            case .tooLarge:
                // The message is to be listed all the same.
                data.headers = []
                return false
            }
            return true
        }
        data.sections.append(
            IMAPFetchData.Section(
                name: Array(name),
                origin: origin(rest[(close + 1)...]),
                content: content
            )
        )
        return true
    }

    /// `<0>`.
    ///
    /// QUIRK: some servers echo the count as well, `<0.1024>`.
    private static func origin(_ octets: ArraySlice<UInt8>) -> UInt64? {
        guard octets.first == UInt8(ascii: "<") else { return nil }
        return ASCII.decimal(octets.dropFirst().prefix { (0x30...0x39).contains($0) })
    }

    private static func takeContent(_ tokens: inout IMAPTokens) -> IMAPFetchData.Content? {
        guard let token = tokens.peek, token != .open, token != .close else { return nil }
        tokens.index += 1
        if case .literal(let index) = token {
            switch tokens.frame.literals[index].fate {
            case .kept: break
            case .streamed(let count): return .streamed(count)
            case .discarded(let count): return .tooLarge(count)
            }
        }
        if tokens.isNil(token) { return .absent }
        return tokens.octets(of: token).map { .inline($0) }
    }
}
