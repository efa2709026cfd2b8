// Content-Transfer-Encoding undone, in a stream of any size (RFC 2045 6). An encoding that is not
// known is passed through: showing the octets is better than showing nothing.

import MailModel

/// A streaming decoder of one part's content.
package struct TransferDecoder: Sendable {
    private enum Coder: Sendable {
        case identity
        case base64(Base64Decoder)
        case quotedPrintable(QuotedPrintableDecoder)
        case uuencode(UUDecoder)
    }

    private var coder: Coder

    /// A decoder for an encoding as named in the message, in any case; unknown ones are the
    /// identity.
    package init(encoding: String) {
        let name = encoding.utf8.filter { $0 > ASCII.space }
        if ASCII.equal(name, "base64") {
            coder = .base64(Base64Decoder())
        } else if ASCII.equal(name, "quoted-printable") {
            coder = .quotedPrintable(QuotedPrintableDecoder())
        } else if Self.uuencodeNames.contains(where: { ASCII.equal(name, $0.utf8) }) {
            coder = .uuencode(UUDecoder())
        } else {
            coder = .identity
        }
    }

    /// What writers of before MIME call uuencode.
    private static let uuencodeNames = ["x-uuencode", "x-uue", "uuencode", "x-uu"]

    /// The name of an encoding as a header field gives it: its first word, in lower case.
    static func token(of value: ArraySlice<UInt8>) -> String {
        let words = CommentStripper.strip(value).split { $0 <= ASCII.space || $0 == 0x3B }
        let name = (words.first ?? []).filter { $0 != UInt8(ascii: "\"") }
        return String(decoding: name.map(ASCII.lowercased), as: UTF8.self)
    }

    /// The decoded octets of the next chunk; some may be held back until more comes.
    package mutating func decode(_ chunk: [UInt8]) -> [UInt8] {
        if case .identity = coder { return chunk }
        return decode(chunk[...])
    }

    /// The decoded octets of the next chunk; some may be held back until more comes.
    package mutating func decode(_ chunk: ArraySlice<UInt8>) -> [UInt8] {
        switch coder {
        case .identity:
            return Array(chunk)
        case .base64(var decoder):
            defer { coder = .base64(decoder) }
            return decoder.decode(chunk)
        case .quotedPrintable(var decoder):
            defer { coder = .quotedPrintable(decoder) }
            return decoder.decode(chunk)
        case .uuencode(var decoder):
            coder = .identity  // so that the decoder's buffer is not copied
            defer { coder = .uuencode(decoder) }
            return decoder.decode(chunk)
        }
    }

    /// What was held back, at the end of the part.
    package mutating func finish() -> [UInt8] {
        switch coder {
        case .identity:
            return []
        case .base64(var decoder):
            defer { coder = .base64(decoder) }
            return decoder.finish()
        case .quotedPrintable(var decoder):
            defer { coder = .quotedPrintable(decoder) }
            return decoder.finish()
        case .uuencode(var decoder):
            defer { coder = .uuencode(decoder) }
            return decoder.finish()
        }
    }

    /// The content of a part that is in memory already.
    package static func decode(_ octets: [UInt8], encoding: String) -> [UInt8] {
        decode(octets[...], encoding: encoding)
    }

    /// The same for a slice of a message.
    package static func decode(_ octets: ArraySlice<UInt8>, encoding: String) -> [UInt8] {
        var decoder = TransferDecoder(encoding: encoding)
        let head = decoder.decode(octets)
        let tail = decoder.finish()
        return tail.isEmpty ? head : head + tail
    }
}
