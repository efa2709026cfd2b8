// From the part tree to the values `message.parse` answers with. All texts leave in NFC, so that
// two programs that read the same message can compare what they found.

import BrokerProtocol
import MailModel
import MailSession
import MessageFormat

extension ParsedMessage {
    /// What a message says.
    /// - Throws: `BrokerError` where there is no memory for a digest.
    init(_ tree: MessageTree) throws(BrokerError) {
        self.init()
        let header = tree.header
        subject = header.subject.map(NormalForm.composed)
        from = Self.mailboxes(header, "from")
        to = Self.mailboxes(header, "to")
        cc = Self.mailboxes(header, "cc")
        replyTo = Self.mailboxes(header, "reply-to")
        date = Self.date(header)
        messageID = header.messageID
        inReplyTo = header.messageIDs("in-reply-to")
        references = header.messageIDs("references")
        truncated = tree.isTruncated
        for index in tree.parts.indices {
            switch tree.parts[index].kind {
            case .leaf: parts.append(try Part(tree, index))
            case .message: embedded.append(Self.embedded(tree, index))
            case .multipart: break
            }
        }
    }

    private static func embedded(_ tree: MessageTree, _ index: Int) -> Embedded {
        // The message inside stands right behind its container.
        let header = tree.header(of: index + 1)
        return Embedded(
            section: tree.section(of: index),
            type: tree.parts[index].mediaType,
            subject: header.subject.map(NormalForm.composed),
            from: mailboxes(header, "from"),
            date: date(header),
            messageID: header.messageID
        )
    }

    private static func mailboxes(_ header: HeaderBlock, _ name: String) -> [Mailbox] {
        header.addresses(name).map { address in
            Mailbox(name: address.name.map(NormalForm.composed), addr: address.address)
        }
    }

    /// The Date field in UTC.
    private static func date(_ header: HeaderBlock) -> DateTime? {
        header.date.map { DateTime(unixSeconds: $0.unixSeconds) }
    }
}

extension ParsedMessage.Part {
    fileprivate init(_ tree: MessageTree, _ index: Int) throws(BrokerError) {
        let part = tree.bodyPart(index)
        let content = tree.content(of: index)
        let charset = ParameterList(part.parameters).value("charset")
        let name = ParameterList.fileName(
            disposition: part.dispositionParameters,
            contentType: part.parameters
        )
        self.init(
            section: part.section,
            type: part.mediaType,
            charset: charset.map(Self.lowercased),
            filename: name.map(NormalForm.composed),
            disposition: part.disposition,
            contentID: tree.header(of: index).messageIDs("content-id").first,
            size: Int64(content.count),
            sha256: try Self.digest(content),
            text: part.type == "text" ? try Self.text(content, charset: charset) : nil
        )
    }

    private static func text(_ content: [UInt8], charset: String?) throws(BrokerError) -> Text {
        let decoded = Charset.decode(content, label: charset)
        let finding = Charset.finding(content, label: charset, text: decoded)
        guard finding != .unknownCharset else {
            return Text(sha256: nil, trimmedSHA256: nil, scalarCount: nil, how: finding.rawValue)
        }
        var octets = Array(NormalForm.composed(MessageText.withLineFeeds(decoded)).utf8)
        let whole = try digest(octets)
        // Cut in place: a text is held as often as it must be and not once more.
        let count = octets.count { !UTF8.isContinuation($0) }
        octets.removeSubrange((octets.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? 0)...)
        octets.removeSubrange(..<(octets.firstIndex { !isBlank($0) } ?? octets.endIndex))
        return Text(
            sha256: whole,
            trimmedSHA256: try digest(octets),
            scalarCount: count,
            how: finding.rawValue
        )
    }

    private static func isBlank(_ octet: UInt8) -> Bool {
        octet == ASCII.space || octet == ASCII.tab || octet == ASCII.lf
    }

    private static func digest(_ octets: [UInt8]) throws(BrokerError) -> String {
        guard let digest = ContentDigest() else {
            throw BrokerError(.internalError, "no memory for a digest")
        }
        digest.update(octets)
        return digest.finish()
    }

    private static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map(ASCII.lowercased), as: UTF8.self)
    }
}
