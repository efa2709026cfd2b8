// The part tree, found in one pass. Containers are on a stack of our own, because the nesting is
// the sender's choice. Looks at line ends and at lines that begin with `--`, at nothing else.

import MailModel

/// Builds a `MessageTree`.
struct MessageTreeParser {
    /// The parts found so far, in pre-order.
    private(set) var parts: [MessagePart] = []
    /// Whether a limit cut the tree.
    private(set) var isTruncated = false
    /// The fields of all parts, in order.
    var fields: [HeaderFieldSpan] { scanner.fields }

    /// A multipart or message whose end has not been seen.
    private struct OpenContainer {
        let part: Int
        var children = 0
        let isDigest: Bool
    }

    private let octets: [UInt8]
    private var scanner = HeaderScanner(fieldsMax: MessageFormatLimits.treeFieldsMax)
    private var open: [OpenContainer] = []
    private var boundaries = BoundaryStack()
    /// The leaf whose body is being read.
    private var leaf: Int?
    /// Multiparts that closed before any part.
    private var emptied: Set<Int> = []
    /// Always at the start of a line.
    private var position = 0

    init(_ octets: [UInt8]) {
        let limit = MessageFormatLimits.messageOctetsMax
        self.octets = octets.count <= limit ? octets : Array(octets[..<limit])
        isTruncated = octets.count > limit
    }

    mutating func run() {
        position = HeaderScanner.skipPreamble(octets)
        readPart()
        while let (delimiter, line) = nextDelimiter() {
            guard parts.count < MessageFormatLimits.partsMax || delimiter.isClose else {
                // The rest stays in the part that is open.
                isTruncated = true
                break
            }
            let end = LineScan.lineEndStart(in: octets, before: line, notBefore: 0)
            close(downTo: delimiter.level + 1, at: end)
            if delimiter.isClose {
                boundaries.close(level: delimiter.level)
                finishEmpty(open[delimiter.level])
            } else if !isDelimiterNext {
                readPart()
            }
        }
        closeUnended()
    }

    /// Ends what the message left open.
    ///
    /// Of a part whose delimiter is missing, the last line end would have belonged to it.
    private mutating func closeUnended() {
        if boundaries.isActive, let leaf {
            let end = LineScan.lineEndStart(in: octets, before: octets.count, notBefore: 0)
            _ = finish(leaf, at: end)
            self.leaf = nil
        }
        close(downTo: 0, at: octets.count)
    }

    /// The next line that is a delimiter, and where it begins; `position` is then behind it.
    private mutating func nextDelimiter() -> (BoundaryStack.Delimiter, line: Int)? {
        guard boundaries.isActive else { return nil }
        while position < octets.count {
            let start = position
            position = LineScan.lineEnd(in: octets, from: start, limit: octets.count)
            if let delimiter = boundaries.delimiter(in: octets, line: start..<position) {
                return (delimiter, start)
            }
        }
        return nil
    }

    /// Whether a delimiter follows directly, or nothing at all: then no part begins here.
    private var isDelimiterNext: Bool {
        guard position < octets.count else { return true }
        let end = LineScan.lineEnd(in: octets, from: position, limit: octets.count)
        return boundaries.delimiter(in: octets, line: position..<end) != nil
    }

    /// A multipart that closed before any part has no content, whatever stands around.
    private mutating func finishEmpty(_ container: OpenContainer) {
        guard container.children == 0 else { return }
        emptied.insert(container.part)
    }

    /// Reads header sections at `position` down to the first part that is no message.
    private mutating func readPart() {
        while true {
            let part = readHeader()
            parts.append(part)
            let index = parts.count - 1
            if !open.isEmpty { open[open.count - 1].children += 1 }
            switch part.kind {
            case .leaf:
                leaf = index
                return
            case .multipart:
                open.append(OpenContainer(part: index, isDigest: part.subtype == "digest"))
                boundaries.push(boundary(of: part))
                return
            case .message:
                open.append(OpenContainer(part: index, isDigest: false))
                boundaries.push(nil)
            }
        }
    }

    private mutating func readHeader() -> MessagePart {
        let (start, firstField) = (position, scanner.fields.count)
        position = scanner.scan(octets, from: start, boundaries: boundaries)
        isTruncated = isTruncated || scanner.isTruncated
        let found = firstField..<scanner.fields.count
        let parent = open.last
        let media = mediaType(of: found, isInDigest: parent?.isDigest ?? false)
        var part = MessagePart(
            kind: .leaf,
            type: media.type,
            subtype: media.subtype,
            parent: parent?.part,
            ordinal: (parent?.children ?? 0) + 1,
            depth: open.count,
            header: start..<position,
            body: position..<position,
            fields: found,
            isHeaderTruncated: scanner.isTruncated
        )
        part.kind = kind(of: part)
        return part
    }

    /// What a part is by its type, if the limits allow.
    private mutating func kind(of part: MessagePart) -> MessagePart.Kind {
        let wanted: MessagePart.Kind
        if part.type == "multipart" {
            guard boundary(of: part) != nil else { return .leaf }
            wanted = .multipart
        } else if part.type == "message", BodyPart.messages.contains(part.subtype),
            !isEncoded(part)
        {
            wanted = .message
        } else {
            return .leaf
        }
        guard open.count < MessageFormatLimits.nestingMax,
            parts.count + 1 < MessageFormatLimits.partsMax
        else {
            isTruncated = true
            return .leaf
        }
        return wanted
    }

    /// Whether the body hides behind a transfer encoding, which RFC 2046 5.2.1 forbids for messages
    /// and RFC 6532 3.7 allows for some: what is inside cannot be addressed as a part.
    private func isEncoded(_ part: MessagePart) -> Bool {
        guard let value = field("content-transfer-encoding", in: part.fields) else { return false }
        return ["base64", "quoted-printable"].contains(TransferDecoder.token(of: value))
    }

    /// The boundary a multipart names; nil for none and for one that is too long.
    private func boundary(of part: MessagePart) -> [UInt8]? {
        guard let parameters = contentType(of: part)?.parameters else { return nil }
        let boundary =
            parameters.octets("boundary") ?? parameters.value("boundary").map { Array($0.utf8) }
            ?? []
        return (1...MessageFormatLimits.boundaryOctetsMax).contains(boundary.count) ? boundary : nil
    }

    /// Ends what is open inside the container of a level; its body ends at `end`.
    ///
    /// An empty line directly before a delimiter belongs to the header it ends, and so to whatever
    /// that header stands in: no container ends before its last part.
    private mutating func close(downTo level: Int, at end: Int) {
        var end = end
        if let leaf { end = finish(leaf, at: end) }
        leaf = nil
        while open.count > level {
            let container = open.removeLast()
            end = finish(container.part, at: end)
            // A multipart in which no part is found is a leaf of its own type.
            if container.children == 0 { parts[container.part].kind = .leaf }
        }
        boundaries.pop(to: level)
    }

    /// Ends the body of a part at `end`, or where it begins if that is later; gives the later one.
    private mutating func finish(_ index: Int, at end: Int) -> Int {
        let start = parts[index].body.lowerBound
        if !emptied.contains(index) { parts[index].body = start..<max(start, end) }
        return max(start, end)
    }

    private func contentType(of part: MessagePart) -> ContentTypeField? {
        field("content-type", in: part.fields).map { ContentTypeField.parse($0) }
    }

    /// The type that the first Content-Type names, or the default of the place (RFC 2046 5.1.5).
    private func mediaType(
        of found: Range<Int>,
        isInDigest: Bool
    ) -> (type: String, subtype: String) {
        guard let value = field("content-type", in: found) else {
            return isInDigest ? ("message", "rfc822") : ("text", "plain")
        }
        return MediaTypeName.read(value)
    }

    private func field(_ name: String, in found: Range<Int>) -> ArraySlice<UInt8>? {
        let span = scanner.fields[found].first { $0.isNamed(name, in: octets) }
        guard let span, let colon = span.colon else { return nil }
        return octets[(colon + 1)..<span.range.upperBound]
    }
}
