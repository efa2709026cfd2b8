// A text part's octets as text to read. Decodes first; control characters are made visible by
// whoever displays the text (reliability.md C14).

import MailModel

/// The display text of a text part.
package enum MessageText {
    /// Decoded content as lines that end in LF.
    ///
    /// - Parameters:
    ///   - octets: the content after transfer decoding.
    ///   - type: the subtype; `html` is rendered, anything else is plain.
    ///   - charset: the declared charset, or nil.
    ///   - flowed: whether `format=flowed` was declared (RFC 3676); plain text only.
    ///   - delSp: whether `delsp=yes` was declared.
    /// - Returns: text that may hold any control character but CR.
    package static func display(
        _ octets: [UInt8],
        type: String,
        charset: String?,
        flowed: Bool,
        delSp: Bool
    ) -> String {
        let text = withLineFeeds(decode(octets, type: type, charset: charset))
        if ASCII.equal(type.utf8, "html") { return HTMLText.render(text) }
        guard flowed else { return text }
        let lines = FlowedText.unwrap(Array(text.utf8), delSp: delSp)
        return String(decoding: lines, as: UTF8.self)
    }

    /// The text of a part's octets as it stands, tags and line ends included.
    ///
    /// HTML that declares no charset is read in the one it names itself.
    package static func decode(_ octets: [UInt8], type: String, charset: String?) -> String {
        let isHTML = ASCII.equal(type.utf8, "html")
        let label = charset ?? (isHTML ? Self.charset(ofHTML: octets) : nil)
        return Charset.decode(octets, label: label)
    }

    /// The charset that HTML names itself (`<meta charset=...>`).
    private static func charset(ofHTML octets: [UInt8]) -> String? {
        let head = octets.prefix(MessageFormatLimits.htmlCharsetSearchOctetsMax)
        var isInMeta = false
        for index in head.indices {
            switch head[index] {
            case UInt8(ascii: "<"): isInMeta = ASCII.hasPrefix(head[index...], "<meta")
            case UInt8(ascii: ">"): isInMeta = false
            case _ where isInMeta && ASCII.hasPrefix(head[index...], "charset="):
                let value = head[index...].dropFirst("charset=".utf8.count)
                    .drop { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
                    .prefix { $0 > ASCII.space && !"\"'>;/".utf8.contains($0) }
                return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
            default: break
            }
        }
        return nil
    }

    /// The text with CRLF and CR as LF.
    package static func withLineFeeds(_ text: String) -> String {
        guard text.utf8.contains(ASCII.cr) else { return text }
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count)
        var isAfterReturn = false
        for octet in text.utf8 {
            if octet == ASCII.cr {
                octets.append(ASCII.lf)
            } else if octet != ASCII.lf || !isAfterReturn {
                octets.append(octet)
            }
            isAfterReturn = octet == ASCII.cr
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
