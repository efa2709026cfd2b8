// Says what a response is: an answer, a request for more, or data. Conditions are read from their
// octets, for their text is no grammar; data goes to the interpreters of its kind.

internal import MailModel

/// One response, interpreted.
enum IMAPResponse: Sendable {
    /// `+`: the server waits for what was announced.
    case continuation(ArraySlice<UInt8>)
    /// A line that begins like an answer. The condition is nil where the second word is none.
    case tagged(ArraySlice<UInt8>, IMAPCondition?)
    /// Data or a condition of the server's own accord.
    case untagged(IMAPUntagged)
    /// Results of a search, in the order received; the tag where the server named one (RFC 4731).
    case search([UIDSet.Range], tag: [UInt8]?)
    /// An untagged response that is unknown or makes no sense.
    case skipped

    /// Interprets a frame.
    init(_ frame: IMAPFrame) {
        let octets = frame.octets[...]
        switch octets.first {
        case UInt8(ascii: "+"):
            self = .continuation(ASCII.trimmed(octets.dropFirst()))
        case UInt8(ascii: "*"):
            self = Self.untagged(frame, from: 1)
        default:
            let tag = octets.prefix { $0 != ASCII.space }
            let (word, rest) = Self.nextWord(octets[tag.endIndex...])
            let kind = IMAPCondition.Kind(word: word)
            let isAnswer = kind == .ok || kind == .no || kind == .bad
            self = .tagged(tag, kind.flatMap { isAnswer ? IMAPCondition($0, rest: rest) : nil })
        }
    }

    /// The word at the beginning and what follows it.
    ///
    /// A parenthesis ends a word as well.
    private static func nextWord(
        _ octets: ArraySlice<UInt8>
    ) -> (word: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
        let text = octets.drop { $0 == ASCII.space || $0 == ASCII.tab }
        let word = text.prefix {
            $0 != ASCII.space && $0 != ASCII.tab && $0 != UInt8(ascii: "(")
        }
        return (word, text[word.endIndex...])
    }

    private static func untagged(_ frame: IMAPFrame, from start: Int) -> IMAPResponse {
        let (word, rest) = nextWord(frame.octets[start...])
        if let kind = IMAPCondition.Kind(word: word) {
            return .untagged(.condition(IMAPCondition(kind, rest: rest)))
        }
        if word.first == UInt8(ascii: "[") {
            // QUIRK: Exchange and home.pl leave the OK before a response code out.
            return .untagged(.condition(IMAPCondition(.ok, rest: frame.octets[word.startIndex...])))
        }
        if let number = IMAPNumber.number32(word) {
            return numbered(frame, number, rest)
        }
        if IMAPKeyword.equal(word, "SEARCH") { return IMAPSearchReader.search(rest) }
        var tokens = IMAPTokens(frame, from: word.endIndex)
        if IMAPKeyword.equal(word, "ESEARCH") { return IMAPSearchReader.esearch(&tokens) }
        return interpret(word, &tokens).map { .untagged($0) } ?? .skipped
    }

    /// `* n WORD` (RFC 3501 7.3, 7.4).
    private static func numbered(
        _ frame: IMAPFrame,
        _ number: UInt32,
        _ text: ArraySlice<UInt8>
    ) -> IMAPResponse {
        let (word, _) = nextWord(text)
        if IMAPKeyword.equal(word, "EXISTS") { return .untagged(.exists(number)) }
        if IMAPKeyword.equal(word, "RECENT") { return .untagged(.recent(number)) }
        if IMAPKeyword.equal(word, "EXPUNGE") {
            return number > 0 ? .untagged(.expunge(number)) : .skipped
        }
        guard IMAPKeyword.equal(word, "FETCH") else { return .skipped }
        var tokens = IMAPTokens(frame, from: word.endIndex)
        let data = IMAPFetchReader.read(&tokens, sequenceNumber: number)
        return data.map { .untagged(.fetch($0)) } ?? .skipped
    }

    private static func interpret(
        _ word: ArraySlice<UInt8>,
        _ tokens: inout IMAPTokens
    ) -> IMAPUntagged? {
        if IMAPKeyword.equal(word, "LIST") || IMAPKeyword.equal(word, "XLIST") {
            return IMAPListReader.list(&tokens).map { .list($0) }
        }
        if IMAPKeyword.equal(word, "STATUS") {
            return IMAPListReader.status(&tokens).map { .status($0) }
        }
        if IMAPKeyword.equal(word, "FLAGS") { return tokens.takeFlags().map { .flags($0) } }
        if IMAPKeyword.equal(word, "CAPABILITY") { return .capability(capabilities(&tokens)) }
        if IMAPKeyword.equal(word, "ENABLED") { return .enabled(capabilities(&tokens)) }
        if IMAPKeyword.equal(word, "VANISHED") { return vanished(&tokens) }
        if IMAPKeyword.equal(word, "ID") { return IMAPListReader.id(&tokens).map { .id($0) } }
        if IMAPKeyword.equal(word, "NAMESPACE") {
            return IMAPListReader.namespaces(&tokens).map { .namespace($0) }
        }
        if IMAPKeyword.equal(word, "QUOTA") {
            return IMAPQuota.reading(&tokens).map { .quota($0) }
        }
        return nil
    }

    private static func capabilities(_ tokens: inout IMAPTokens) -> IMAPCapabilities {
        var names: [ArraySlice<UInt8>] = []
        while let name = tokens.takeAtom() { names.append(name) }
        return IMAPCapabilities(names)
    }

    /// `VANISHED (EARLIER) 41,43:116` (RFC 7162 3.2.10).
    private static func vanished(_ tokens: inout IMAPTokens) -> IMAPUntagged? {
        var isEarlier = false
        if tokens.take(.open) {
            while let word = tokens.takeAtom() {
                isEarlier = isEarlier || IMAPKeyword.equal(word, "EARLIER")
            }
            guard tokens.take(.close) else { return nil }
        }
        guard let text = tokens.takeAtom(), let uids = UIDSet(parsing: text), tokens.isAtEnd else {
            return nil
        }
        return .vanished(uids, isEarlier: isEarlier)
    }
}

extension IMAPTokens {
    /// Reads a list of flags; NIL is an empty one.
    ///
    /// nil when it is no list or has too many.
    mutating func takeFlags() -> [Flag]? {
        if isNil(peek) {
            index += 1
            return []
        }
        guard take(.open) else { return nil }
        var flags: [Flag] = []
        var count = 0
        while let token = peek, token != .close {
            // What Flag refuses (`\*`, a list, 8-bit octets) is no flag that we could send back.
            // QUIRK: mail.ru's \Unseen says what the absence of \Seen says.
            if let octets = octets(of: token), let flag = Flag(octets),
                !ASCII.equal(octets, "\\Unseen".utf8)
            {
                flags.append(flag)
            }
            skipValue()
            count += 1
            guard count <= IMAPLimits.flagsMax else {
                skipRestOfList()
                return nil
            }
        }
        _ = take(.close)
        return flags
    }

    /// Reads a list of labels; NIL is an empty one.
    ///
    /// nil when it is no list or has too many. QUIRK 2: Gmail writes `\Inbox` and `"\\Inbox"`.
    mutating func takeLabels() -> [Label]? {
        if isNil(peek) {
            index += 1
            return []
        }
        guard take(.open) else { return nil }
        var labels: [Label] = []
        var count = 0
        while let token = peek, token != .close {
            if let label = octets(of: token).flatMap({ Label($0) }) { labels.append(label) }
            skipValue()
            count += 1
            guard count <= IMAPLimits.labelsMax else {
                skipRestOfList()
                return nil
            }
        }
        _ = take(.close)
        return labels
    }
}
