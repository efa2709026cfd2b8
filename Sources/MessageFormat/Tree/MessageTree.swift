// A message as its parts: where each begins and ends, and what it says it is. The octets stay where
// they are; headers are decoded when somebody asks, content when somebody opens it.

import MailModel

/// One body part of a message, by its place in the octets.
package struct MessagePart: Sendable {
    /// What a part is made of.
    package enum Kind: Sendable, Hashable {
        /// Content.
        case leaf
        /// Other parts (RFC 2046 5.1).
        case multipart
        /// One message (RFC 2046 5.2.1).
        case message
    }

    /// What the part is made of.
    ///
    /// A multipart in which no part was found is a leaf, and so is
    /// whatever stands too deep.
    package internal(set) var kind: Kind
    /// The media type in lower case: `text`.
    package let type: String
    /// The media subtype in lower case: `plain`.
    package let subtype: String
    /// The part it stands in; nil for the message itself.
    package let parent: Int?
    /// Its number among the parts of its parent, from 1.
    package let ordinal: Int
    /// How many parts it stands in.
    package let depth: Int
    /// The octets of its header section, the empty line included.
    package let header: Range<Int>
    /// The octets of its body as transferred, without the line end before a boundary delimiter.
    package internal(set) var body: Range<Int>
    /// Which of the tree's fields are its own.
    let fields: Range<Int>
    /// Whether limits dropped some of them.
    let isHeaderTruncated: Bool

    /// `type/subtype`.
    package var mediaType: String { "\(type)/\(subtype)" }
}

/// A message and its part tree (RFC 2045, RFC 2046), flat and in pre-order.
///
/// Every message has at least one part. Nothing here fails: what is broken has a defined reading.
package struct MessageTree: Sendable {
    /// The message as received.
    package let octets: [UInt8]
    /// The parts in pre-order; the first is the message itself.
    package let parts: [MessagePart]
    /// Whether limits of depth, number or size cut the tree: the rest is in an opaque leaf.
    package let isTruncated: Bool
    private let spans: [HeaderFieldSpan]

    /// Reads a message.
    ///
    /// Line ends are CRLF or LF. A byte order mark and an mbox `From ` line in front are skipped.
    package init(parsing octets: [UInt8]) {
        var parser = MessageTreeParser(octets)
        parser.run()
        self.octets = octets
        parts = parser.parts
        spans = parser.fields
        isTruncated = parser.isTruncated
    }

    /// The header section of a part.
    package func header(of index: Int) -> HeaderBlock {
        let part = parts[index]
        return HeaderBlock(
            spans[part.fields],
            in: octets,
            octetCount: part.header.count,
            isTruncated: part.isHeaderTruncated
        )
    }

    /// The header section of the message.
    package var header: HeaderBlock { header(of: 0) }

    /// The body of a part as transferred.
    package func body(of index: Int) -> ArraySlice<UInt8> { octets[parts[index].body] }

    /// The name of the transfer encoding of a part, in lower case; `7bit` where it names none.
    package func encoding(of index: Int) -> String {
        guard let field = header(of: index).first("content-transfer-encoding") else {
            return "7bit"
        }
        let token = TransferDecoder.token(of: field.rawValue)
        return token.isEmpty ? "7bit" : token
    }

    /// The content of a part after transfer decoding.
    package func content(of index: Int) -> [UInt8] {
        TransferDecoder.decode(body(of: index), encoding: encoding(of: index))
    }

    /// The indices of the parts that hold content, in order.
    package var leaves: [Int] { parts.indices.filter { parts[$0].kind == .leaf } }
}
