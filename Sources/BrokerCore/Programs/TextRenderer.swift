// From a text part's content to what a person reads: by us, or for HTML by the program the user
// chose. Knows no account and no server.

import BrokerProtocol
import MailModel
import MessageFormat

/// Makes display texts.
struct TextRenderer: Sendable {
    /// The program that turns HTML on its input into text on its output; nil for our own way.
    var htmlFilter: [String]?

    /// One text part of a message.
    struct Text: Sendable {
        /// What the message says of it.
        let part: BodyPart
        /// Its content after transfer decoding.
        let content: [UInt8]
        /// Whether the content is only the beginning of the part.
        let isCut: Bool

        /// The beginning of a text part that is worth rendering.
        init(part: BodyPart, content: [UInt8], isCut: Bool = false) {
            let limit = CoreLimits.textSourceMax
            self.part = part
            self.content = content.count <= limit ? content : Array(content[..<limit])
            self.isCut = isCut || content.count > limit
        }
    }

    /// The body that is shown of a message: its texts, an empty line between each two.
    ///
    /// Each text is rendered alone, so that nothing one of them opens reaches into the next
    /// (reliability.md C26).
    ///
    /// - Parameters:
    ///   - texts: the text parts in order.
    ///   - bytesMax: most octets of text; nil for `CoreLimits.textOctetsMax`.
    /// - Returns: the body, cut between two scalars where it is too long.
    func body(_ texts: [Text], bytesMax: Int?) async -> MessageRead.Body {
        let limit = min(max(bytesMax ?? CoreLimits.textOctetsMax, 0), CoreLimits.textOctetsMax)
        var body = MessageRead.Body(
            type: texts.first?.part.mediaType,
            part: texts.first?.part.section,
            text: "",
            truncated: texts.contains(where: \.isCut)
        )
        for (index, text) in texts.enumerated() where body.text.utf8.count <= limit {
            if index > 0 { body.text += "\n" }
            body.text += await self.text(text.content, of: text.part)
        }
        let cut = Self.prefix(of: body.text, octets: limit)
        body.truncated = body.truncated || cut.utf8.count < body.text.utf8.count
        body.text = cut
        return body
    }

    private func text(_ content: [UInt8], of part: BodyPart) async -> String {
        let parameters = ParameterList(part.parameters)
        let charset = parameters.value("charset")
        if part.subtype == "html", let htmlFilter {
            let html = MessageText.decode(content, type: part.subtype, charset: charset)
            if let text = await TextFilter.run(htmlFilter, Array(html.utf8)) { return text }
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
