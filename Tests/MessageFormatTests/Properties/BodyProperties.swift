// What holds of transfer encodings and of the part tree.

import MailModel
import MessageFormat

extension Properties {
    /// Decoding in pieces is that in one; what was encoded is decoded to itself.
    package static func transferDecoding(_ octets: [UInt8]) throws -> Int {
        // The first octet chooses the encoding and the size of the pieces.
        let choice = Int(octets.first ?? 0)
        let encodings = ["base64", "quoted-printable", "x-uuencode", "8bit"]
        let encoding = encodings[choice & 3]
        let size = choice >> 2 + 1
        let input = Array(octets.dropFirst())
        let whole = TransferDecoder.decode(input, encoding: encoding)
        var decoder = TransferDecoder(encoding: encoding)
        var pieces: [UInt8] = []
        for piece in chunks(of: input, size) { pieces += decoder.decode(piece) }
        pieces += decoder.finish()
        try hold(pieces == whole, "\(encoding) in pieces of \(size) is another content")
        try holdSize(whole.count, of: input.count, encoding)
        let files = UUEncodedFile.find(in: input)
        let found = try holdFiles(files, in: input)
        return try whole.count + found + holdEncoding(input, size)
    }

    private static func chunks(of octets: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: octets.count, by: size).map {
            octets[$0..<min($0 + size, octets.count)]
        }
    }

    private static func holdSize(_ size: Int, of input: Int, _ encoding: String) throws {
        let most = encoding == "x-uuencode" ? uuencodeMost(of: input) : input
        try hold(size <= most, "\(size) octets of \(encoding) from \(input)")
    }

    /// Blanks of uuencode that were cut off come back, within a bound.
    private static func uuencodeMost(of input: Int) -> Int {
        4 * input + MessageFormatLimits.uuencodePaddingBase
    }

    private static func holdFiles(_ files: [UUEncodedFile], in text: [UInt8]) throws -> Int {
        var end = 0
        var size = 0
        for file in files {
            try hold(file.range.lowerBound >= end, "uuencoded files overlap")
            end = file.range.upperBound
            try hold(end <= text.count, "a uuencoded file ends behind the text")
            try hold(!file.name.isEmpty, "a uuencoded file without name")
            size += file.content(in: text).count
        }
        return size
    }

    private static func holdEncoding(_ octets: [UInt8], _ size: Int) throws -> Int {
        var encoder = AttachmentEncoder()
        var encoded: [UInt8] = []
        for piece in chunks(of: octets, size) { encoded += encoder.encode(Array(piece)) }
        encoded += encoder.finish()
        let whole = encoder.encode(octets) + encoder.finish()
        try hold(encoded == whole, "encoding in pieces of \(size) is another one")
        let count = AttachmentEncoder.encodedCount(of: UInt64(octets.count))
        try hold(count == UInt64(encoded.count), "\(encoded.count) octets instead of \(count)")
        let lines = encoded.split(separator: ASCII.lf)
        try hold(lines.allSatisfy { $0.count <= 77 }, "an encoded line is too long")
        let decoded = TransferDecoder.decode(encoded, encoding: "base64")
        try hold(decoded == octets, "encoded octets are decoded to others")
        return encoded.count
    }

    /// Parts lie in order inside each other, have numbers of their own and can be decoded.
    package static func mimeTree(_ octets: [UInt8]) throws -> Int {
        let tree = MessageTree(parsing: octets)
        try hold(tree.octets == octets, "the tree has other octets")
        try hold(!tree.parts.isEmpty, "a message without part")
        try hold(tree.parts.count <= MessageFormatLimits.partsMax, "too many parts")
        try holdPlaces(tree)
        try holdSections(tree)
        let size = try holdContents(tree)
        try holdChoice(tree.structure)
        try holdLineEnds(tree)
        return size + tree.parts.count
    }

    private static func holdPlaces(_ tree: MessageTree) throws {
        /// Where the next child of a part may begin at the earliest, and how many it has.
        var state: [(end: Int, children: Int)] = []
        for (index, part) in tree.parts.enumerated() {
            let (header, body) = (part.header, part.body)
            try hold(header.upperBound == body.lowerBound, "part \(index): a gap before its body")
            try hold(body.upperBound <= tree.octets.count, "part \(index): behind the message")
            try hold(index == 0 || part.parent != nil, "part \(index): no parent")
            if let parent = part.parent {
                try hold(parent < index, "part \(index): before its parent")
                let outer = tree.parts[parent]
                try hold(part.depth == outer.depth + 1, "part \(index): depth")
                try hold(header.lowerBound >= state[parent].end, "part \(index): overlaps")
                try hold(body.upperBound <= outer.body.upperBound, "part \(index): sticks out")
                state[parent] = (body.upperBound, state[parent].children + 1)
                try hold(part.ordinal == state[parent].children, "part \(index): ordinal")
            }
            state.append((body.lowerBound, 0))
        }
        for (part, state) in zip(tree.parts, state) {
            switch part.kind {
            case .leaf: try hold(state.children == 0, "a leaf with parts")
            case .message: try hold(state.children == 1, "a message with \(state.children) parts")
            case .multipart: try hold(state.children > 0, "a multipart without part")
            }
        }
    }

    /// The body of a message that is a multipart shares the number of the message, no other does.
    private static func holdSections(_ tree: MessageTree) throws {
        var seen: Set<String> = []
        for (index, part) in tree.parts.enumerated() {
            let isInMessage = part.parent.map { tree.parts[$0].kind == .message } ?? false
            guard !isInMessage || part.kind != .multipart else { continue }
            let section = tree.section(of: index)
            try hold(seen.insert(section).inserted, "two parts are \(section)")
        }
    }

    private static func holdContents(_ tree: MessageTree) throws -> Int {
        var size = 0
        for index in tree.leaves {
            let (part, encoding) = (tree.parts[index], tree.encoding(of: index))
            try hold(!encoding.isEmpty, "an empty encoding")
            let content = tree.content(of: index)
            try hold(content.count <= uuencodeMost(of: part.body.count), "too much content")
            size += content.count
            guard part.type == "text" else { continue }
            let parameters = tree.bodyPart(index).parameters
            let text = MessageText.display(
                content,
                type: "plain",
                charset: ParameterList(parameters).value("charset"),
                flowed: ParameterList(parameters).value("format") == "flowed",
                delSp: ParameterList(parameters).value("delsp") == "yes"
            )
            try hold(!text.utf8.contains(ASCII.cr), "a CR in a displayed text")
            size += text.utf8.count
        }
        return size
    }

    private static func holdChoice(_ structure: BodyStructure) throws {
        let texts = TextPartChoice.texts(of: structure)
        for text in texts { try hold(text.type == "text", "a text is \(text.type)") }
        let attachments = TextPartChoice.attachments(of: structure)
        for attachment in attachments {
            try hold(!attachment.isMultipart, "a multipart is an attachment")
            let isText = texts.contains { $0.section == attachment.section }
            try hold(!isText, "a text is an attachment")
            _ = TextPartChoice.isInline(attachment)
        }
        let leaves = structure.leaves.count
        try hold(attachments.count <= leaves, "more attachments than leaves")
    }

    /// A message has the same parts whether its lines end in LF or CRLF.
    private static func holdLineEnds(_ tree: MessageTree) throws {
        guard !tree.octets.contains(ASCII.cr), !tree.isTruncated else { return }
        let octets = tree.octets.flatMap { $0 == ASCII.lf ? [ASCII.cr, ASCII.lf] : [$0] }
        let other = MessageTree(parsing: octets)
        let isSame = tree.parts.elementsEqual(other.parts) {
            $0.mediaType == $1.mediaType && $0.depth == $1.depth && $0.kind == $1.kind
        }
        try hold(isSame, "other parts with CRLF")
    }
}
