// The one error of this target. Reading never throws; only a draft that cannot be sent does, and
// then the caller is at fault and trying again does not help.

/// Why a draft is no message: the field, and what is wrong with it.
package struct MessageFormatError: Error, Sendable, Equatable {
    /// What is wrong with a field.
    package enum Reason: Sendable, Equatable {
        /// An octet that may not stand there, and its position from 0.
        case forbiddenOctet(UInt8, offset: Int)
        /// The value is not UTF-8 from this position on.
        case invalidUTF8(offset: Int)
        /// The address holds UTF-8, which needs SMTPUTF8 (RFC 6531).
        case needsUTF8Address
        /// The value is empty and must not be.
        case empty
        /// The value has more octets than this.
        case tooLong(octetsMax: Int)
        /// The list has more members than this.
        case tooMany(countMax: Int)
        /// The media type is none, or one that must not be sent in base64.
        case unsupportedMediaType
        /// The header field is written by us or by servers only.
        case reservedName
        /// The value is no `left@right`.
        case malformedContentID
        /// The value stands at another place already.
        case repeated
    }

    /// The field as a person calls it: `subject`, `to`, `attachment name`.
    package let field: String
    /// The position in a list of values, from 0; nil for a single value.
    package let index: Int?
    /// What is wrong.
    package let reason: Reason

    /// An error about one field.
    package init(field: String, index: Int? = nil, reason: Reason) {
        self.field = field
        self.index = index
        self.reason = reason
    }

    /// Whether trying again may help: never.
    package var isTemporary: Bool { false }
}

extension MessageFormatError: CustomStringConvertible {
    /// A line for people, with positions counted from 1.
    package var description: String {
        let place = index.map { "\(field) \($0 + 1)" } ?? field
        return "\(place) \(clause)"
    }

    private var clause: String {
        switch reason {
        case .forbiddenOctet(let octet, let offset):
            "has \(Self.octetName(octet)) at position \(offset + 1)"
        case .invalidUTF8(let offset): "is not UTF-8 at position \(offset + 1)"
        case .needsUTF8Address: "needs SMTPUTF8, which this way of sending has not"
        case .empty: "is empty"
        case .tooLong(let limit): "is longer than \(limit) octets"
        case .tooMany(let limit): "has more than \(limit) members"
        case .unsupportedMediaType: "has a media type that cannot be attached"
        case .reservedName: "is a field that cannot be added"
        case .malformedContentID: "is no content id (left@right)"
        case .repeated: "is there already"
        }
    }

    private static func octetName(_ octet: UInt8) -> String {
        switch octet {
        case 0x00: "a NUL"
        case 0x09: "a tab"
        case 0x0A: "a line feed (LF)"
        case 0x0D: "a carriage return (CR)"
        case 0x20: "a space"
        case 0x21...0x7E: "'\(Unicode.Scalar(octet))'"
        case 0x7F...0xFF: "an octet that is not ASCII text"
        default: "a control character"
        }
    }
}
