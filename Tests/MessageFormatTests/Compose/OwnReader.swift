// The third reader of the round trip: this target itself, from the part tree down. In the same
// lines as contrib/test.d/email-read.py.

import Foundation
import MailModel

@testable import MessageFormat

/// The reading side of MessageFormat.
struct OwnReader: RoundTripReader {
    let name = "MessageTree"
    let blanks = BlankRule.collapsed

    func read(_ file: URL) throws -> [[[String]]] {
        let octets = Array(try Data(contentsOf: file))
        var messages: [[[String]]] = []
        var index = 0
        while let end = octets[index...].firstIndex(of: ASCII.lf),
            let count = ASCII.decimal(octets[index..<end])
        {
            index = end + 1 + Int(count)
            messages.append(Self.lines(Array(octets[(end + 1)..<index])))
        }
        return messages
    }

    private static func lines(_ octets: [UInt8]) -> [[String]] {
        let tree = MessageTree(parsing: octets)
        let header = tree.header
        var lines: [[String]] = []
        for field in ["from", "sender", "reply-to", "to", "cc", "bcc"] {
            lines += header.addresses(field).map { [field, $0.name ?? "", $0.address] }
        }
        lines.append(["subject", header.subject ?? ""])
        for field in ["message-id", "in-reply-to", "references"] {
            lines += header.messageIDs(field).map { [field, $0] }
        }
        let date = header.date
        lines.append(["date", "\(date?.unixSeconds ?? -1)", "\(date?.offsetMinutes ?? -1)"])
        for field in header.fields where ASCII.hasPrefix(field.name, "x-t") {
            let name = String(decoding: field.name, as: UTF8.self)
            lines.append(["header", name, HeaderText.decode(field.rawValue)])
        }
        for part in tree.parts.indices { lines += Self.part(tree, part) }
        return lines + [["defects", tree.isTruncated ? "1" : "0"]]
    }

    private static func part(_ tree: MessageTree, _ index: Int) -> [[String]] {
        let (part, body) = (tree.parts[index], tree.bodyPart(index))
        let path = path(tree, index)
        var lines = [
            [
                "node", path, part.mediaType, body.disposition ?? "-",
                tree.fileName(of: index) ?? "-",
                tree.header(of: index).messageIDs("content-id").first ?? "-",
            ]
        ]
        switch part.kind {
        case .multipart: break
        case .message:
            let inner = tree.header(of: index + 1)
            lines.append(["embedded", path, inner.subject ?? "", "<\(inner.messageID ?? "")>"])
        case .leaf:
            var content = tree.content(of: index)
            if body.disposition == nil {
                let text = MessageText.withLineFeeds(String(decoding: content, as: UTF8.self))
                let isFlowed = ParameterList(body.parameters).value("format") == "flowed"
                content = Array(text.utf8)
                if isFlowed { content = FlowedText.unwrap(content, delSp: false) }
            }
            lines.append(["content", path, "\(content.count)", "\(crc32(content))"])
        }
        return lines
    }

    /// The numbers of a part and of all it stands in; the message is 1.
    private static func path(_ tree: MessageTree, _ index: Int) -> String {
        var numbers: [Int] = []
        var current: Int? = index
        while let part = current {
            numbers.append(tree.parts[part].ordinal)
            current = tree.parts[part].parent
        }
        return numbers.reversed().map(String.init).joined(separator: ".")
    }

    /// CRC-32 (ISO 3309), as zlib computes it.
    private static func crc32(_ octets: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for octet in octets {
            value ^= UInt32(octet)
            for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~value
    }
}
