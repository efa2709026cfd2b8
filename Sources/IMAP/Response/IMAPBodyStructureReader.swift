// Reads BODYSTRUCTURE (RFC 3501 7.4.2, 9 body) into the flat part list of MailModel, without
// recursion. Servers get this grammar wrong in every possible way: what can be recognised by its
// shape is, the rest is read past.

internal import MailModel

/// The reader of body structures.
struct IMAPBodyStructureReader {
    /// A container whose children are being read.
    private struct Level {
        /// Where the container stands among the parts.
        var part: Int
        /// Whether it is a multipart; else a message/rfc822 with one body.
        var isMultipart: Bool
        /// What the section numbers of its children begin with.
        var prefix: String
        /// How many children have begun.
        var children = 0
    }

    private var tokens: IMAPTokens
    private var parts: [BodyPart] = []
    private var levels: [Level] = []
    private var isTruncated = false

    /// The structure at the next token, which is read past; nil when it is none.
    static func read(_ tokens: inout IMAPTokens) -> BodyStructure? {
        guard tokens.peek == .open else { return nil }
        var reader = IMAPBodyStructureReader(tokens: tokens)
        reader.readAll()
        tokens.index = reader.tokens.index
        guard !reader.parts.isEmpty else { return nil }
        return BodyStructure(parts: reader.parts, isTruncated: reader.isTruncated)
    }

    private init(tokens: IMAPTokens) { self.tokens = tokens }

    private mutating func readAll() {
        beginBody()
        while let level = levels.last {
            if level.isMultipart, tokens.peek == .open {
                beginBody()
                continue
            }
            levels.removeLast()
            if level.isMultipart {
                finishMultipart(level.part)
            } else {
                finishSingle(level.part)
            }
        }
    }

    /// Reads a body up to its first child, or the whole of it.
    private mutating func beginBody() {
        let parent = levels.last
        if !levels.isEmpty { levels[levels.count - 1].children += 1 }
        guard levels.count < IMAPLimits.depthMax, parts.count < IMAPLimits.partsMax else {
            isTruncated = true
            tokens.skipValue()
            return
        }
        let number = parent.map { $0.isMultipart ? $0.children + 1 : 1 } ?? 1
        let section = Self.section(parent?.prefix ?? "", number)
        // A multipart has a number only as the child of another; directly in a message it shares
        // the message's (RFC 3501 6.4.5).
        let multipartSection = parent?.isMultipart == true ? section : parent?.prefix ?? ""
        _ = tokens.take(.open)
        if tokens.peek == .close {
            _ = tokens.take(.close)
        } else if tokens.peek == .open {
            append(section: multipartSection, type: "multipart", subtype: "mixed")
            levels.append(
                Level(part: parts.count - 1, isMultipart: true, prefix: multipartSection)
            )
        } else if isCollapsedMultipart {
            append(section: multipartSection, type: "multipart", subtype: "mixed")
            finishMultipart(parts.count - 1)
        } else {
            readSingle(section)
        }
    }

    private static func section(_ prefix: String, _ number: Int) -> String {
        prefix.isEmpty ? "\(number)" : "\(prefix).\(number)"
    }

    private mutating func append(section: String, type: String, subtype: String) {
        parts.append(
            BodyPart(section: section, type: type, subtype: subtype, depth: levels.count)
        )
    }

    /// QUIRK: Gmail, QQ and Yandex send a multipart that has no parts, or one inside another with
    /// the same boundary, as `("ALTERNATIVE" ("BOUNDARY" "x") NIL NIL)`: no place for children.
    private var isCollapsedMultipart: Bool {
        guard let next = tokens.peek(1), !tokens.isString(next),
            let word = tokens.octets(of: tokens.peek)
        else { return false }
        return ["mixed", "alternative", "related", "digest", "report", "signed", "parallel"]
            .contains { ASCII.equal($0.utf8, word) }
    }

    // MARK: Single parts

    /// type subtype parameters id description encoding octets, then a message's own body.
    private mutating func readSingle(_ section: String) {
        let type = takeWord() ?? "application"
        append(section: section, type: type, subtype: takeWord() ?? "octet-stream")
        let part = parts.count - 1
        parts[part].parameters = takeParameters()
        parts[part].contentID = tokens.takeNString()
        _ = tokens.takeNString()
        parts[part].encoding = takeWord() ?? "7bit"
        if tokens.peek != .open, tokens.peek != .close {
            parts[part].size = tokens.takeNString().flatMap(IMAPNumber.size) ?? 0
        }
        if type == "message", beginEmbeddedMessage(part, section) { return }
        finishSingle(part)
    }

    /// Reads the envelope of a message/rfc822 and begins its body; false where there is none.
    private mutating func beginEmbeddedMessage(_ part: Int, _ section: String) -> Bool {
        guard parts[part].subtype == "rfc822" || parts[part].subtype == "global",
            tokens.isNil(tokens.peek) || (tokens.peek == .open && !isDisposition)
        else { return false }
        let start = tokens.index
        tokens.skipValue()
        guard isBody else {
            // An envelope without a body behind it: the rest of the fields follow.
            tokens.index = tokens.isNil(tokens.tokens[start]) ? start : tokens.index
            return false
        }
        levels.append(Level(part: part, isMultipart: false, prefix: section))
        beginBody()
        return true
    }

    /// Reads the fields behind the fixed ones up to the `)` of the part.
    ///
    /// Lines, MD5, language and location are of no use here; what is a disposition shows by its
    /// shape, wherever a server that left a field out has put it.
    private mutating func finishSingle(_ part: Int) {
        while let token = tokens.peek, token != .close {
            if parts[part].disposition == nil, isDisposition {
                readDisposition(part)
            } else {
                tokens.skipValue()
            }
        }
        finish()
    }

    /// subtype parameters, then as in a single part.
    private mutating func finishMultipart(_ part: Int) {
        parts[part].subtype = takeWord() ?? parts[part].subtype
        parts[part].parameters = takeParameters()
        finishSingle(part)
    }

    private mutating func finish() {
        // A structure that just stops has lost parts.
        if !tokens.take(.close) { isTruncated = true }
    }

    // MARK: Shapes

    /// Whether the next token begins a body rather than a field: `((` or two strings.
    private var isBody: Bool {
        guard tokens.peek == .open, let first = tokens.peek(1) else { return false }
        return first == .open || (tokens.isString(first) && tokens.isString(tokens.peek(2)))
    }

    /// Whether the next token begins a disposition: a string, then parameters or NIL, then nothing.
    private var isDisposition: Bool {
        guard tokens.peek == .open, tokens.isString(tokens.peek(1)) else { return false }
        var ahead = tokens
        ahead.index += 2
        if ahead.peek == .close { return isDispositionWord(tokens.peek(1)) }
        guard ahead.peek == .open || ahead.isNil(ahead.peek) else { return false }
        ahead.skipValue()
        return ahead.peek == .close
    }

    private func isDispositionWord(_ token: IMAPToken?) -> Bool {
        guard let word = tokens.octets(of: token) else { return false }
        return ASCII.equal(word, "inline") || ASCII.equal(word, "attachment")
    }

    private mutating func readDisposition(_ part: Int) {
        _ = tokens.take(.open)
        parts[part].disposition = takeWord()
        parts[part].dispositionParameters = takeParameters()
        tokens.skipRestOfList()
    }

    /// A token of MIME in lower case, bounded; nil for NIL, nothing and a list.
    private mutating func takeWord() -> String? {
        guard let octets = tokens.takeNString(), !octets.isEmpty else { return nil }
        let word = octets.prefix(IMAPLimits.bodyTokenOctetsMax).map(ASCII.lowercased)
        return String(decoding: word, as: UTF8.self)
    }

    /// `("charset" "utf-8")`; empty for NIL and nothing.
    ///
    /// A value that is NIL is empty.
    private mutating func takeParameters() -> [BodyPart.Parameter] {
        guard tokens.take(.open) else {
            if tokens.peek != .close { tokens.skipValue() }
            return []
        }
        var parameters: [BodyPart.Parameter] = []
        while let token = tokens.peek, token != .close {
            let name = takeWord()
            let value = tokens.takeNString() ?? []
            guard let name, parameters.count < IMAPLimits.parametersMax else { continue }
            parameters.append(BodyPart.Parameter(name: name, value: value))
        }
        _ = tokens.take(.close)
        return parameters
    }
}
