// The part tree of a message as IMAP numbers it (RFC 3501 6.4.5). Flat, in pre-order, because a
// tree from outside may be deep and nothing here recurses.

/// The parts of one message.
package struct BodyStructure: Sendable, Hashable, Codable {
    /// Every part in pre-order; the first is the whole body.
    package var parts: [BodyPart]
    /// Whether limits of depth or number cut the tree.
    package var isTruncated: Bool

    /// A structure from its parts in pre-order.
    package init(parts: [BodyPart], isTruncated: Bool = false) {
        self.parts = parts
        self.isTruncated = isTruncated
    }

    /// The part with a section number, or nil.
    package func part(_ section: String) -> BodyPart? { parts.first { $0.section == section } }

    /// The parts that are no containers, in order.
    package var leaves: [BodyPart] { parts.filter { !$0.isMultipart } }
}

/// One body part.
package struct BodyPart: Sendable, Hashable, Codable {
    /// The IMAP section number: `1`, `2.1`; empty for a multipart at the top.
    package var section: String
    /// The media type in lower case: `text`.
    package var type: String
    /// The media subtype in lower case: `plain`.
    package var subtype: String
    /// Parameters of Content-Type, names in lower case, values as received octets.
    package var parameters: [Parameter]
    /// Content-Transfer-Encoding in lower case; `7bit` where absent.
    package var encoding: String
    /// Octets as transferred (encoded); 0 for a multipart.
    package var size: UInt64
    /// Content-Disposition's token in lower case, or nil.
    package var disposition: String?
    /// Parameters of Content-Disposition.
    package var dispositionParameters: [Parameter]
    /// Content-ID as received, or nil.
    package var contentID: [UInt8]?
    /// How deep the part stands; the first part is at 0.
    package var depth: Int

    /// A name and value pair of a MIME header field.
    package struct Parameter: Sendable, Hashable, Codable {
        /// The name in lower case, with RFC 2231 marks (`filename*0*`) as received.
        package var name: String
        /// The value's octets, without quotes.
        package var value: [UInt8]

        /// A parameter from its name and value.
        package init(name: String, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// A part; what is not named is absent.
    package init(
        section: String,
        type: String,
        subtype: String,
        parameters: [Parameter] = [],
        encoding: String = "7bit",
        size: UInt64 = 0,
        disposition: String? = nil,
        dispositionParameters: [Parameter] = [],
        contentID: [UInt8]? = nil,
        depth: Int = 0
    ) {
        self.section = section
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
        self.encoding = encoding
        self.size = size
        self.disposition = disposition
        self.dispositionParameters = dispositionParameters
        self.contentID = contentID
        self.depth = depth
    }

    /// Whether the part only holds other parts.
    package var isMultipart: Bool { type == "multipart" }
    /// `type/subtype`.
    package var mediaType: String { "\(type)/\(subtype)" }
}
