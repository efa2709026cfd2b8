// From a text part's content to what a person reads: by us, or for HTML by the program the user
// chose. Knows no account and no server.

import BrokerProtocol
import MailModel
import MessageFormat

/// Makes display texts.
struct TextRenderer: Sendable {
    /// The program that turns HTML on its input into text on its output; nil for our own way.
    var htmlFilter: [String]?

    /// The body that is shown of a part.
    ///
    /// - Parameters:
    ///   - content: the part's content after transfer decoding.
    ///   - part: what the message says of it.
    ///   - bytesMax: most octets of text; nil for `CoreLimits.textOctetsMax`.
    ///   - isCut: whether `content` is only the beginning of the part.
    /// - Returns: the text, cut between two scalars where it is too long.
    func body(
        _ content: [UInt8],
        of part: BodyPart,
        bytesMax: Int?,
        isCut: Bool = false
    ) async -> MessageRead.Body {
        let limit = min(max(bytesMax ?? CoreLimits.textOctetsMax, 0), CoreLimits.textOctetsMax)
        let text = await text(content, of: part)
        let cut = Self.prefix(of: text, octets: limit)
        return MessageRead.Body(
            type: part.mediaType,
            part: part.section,
            text: cut,
            truncated: isCut || cut.utf8.count < text.utf8.count
        )
    }

    private func text(_ content: [UInt8], of part: BodyPart) async -> String {
        let parameters = ParameterList(part.parameters)
        let charset = parameters.value("charset")
        if part.subtype == "html", let htmlFilter {
            let html = Array(Charset.decode(content, label: charset).utf8)
            if let text = await TextFilter.run(htmlFilter, html) { return text }
        }
        return MessageText.display(
            content,
            type: part.subtype,
            charset: charset,
            flowed: parameters.value("format").map { ASCII.equal($0.utf8, "flowed") } ?? false,
            delSp: parameters.value("delsp").map { ASCII.equal($0.utf8, "yes") } ?? false
        )
    }

    /// The longest prefix of so many octets that ends between two scalars.
    private static func prefix(of text: String, octets: Int) -> String {
        guard text.utf8.count > octets else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: octets)
        while end > text.utf8.startIndex, text.utf8[end] & 0xC0 == 0x80 {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }
}
