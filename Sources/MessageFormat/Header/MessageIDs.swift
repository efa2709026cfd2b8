// Message ids as fields hold them: without brackets, as opaque words. They are keys and are never
// put into a command or a header again unless `sendable` agreed.

import MailModel

/// Message-ID, In-Reply-To and References (RFC 5322 3.6.4).
package enum MessageIDs {
    /// The ids of a field body without `<>`, in order; white space inside is removed.
    ///
    /// Text around brackets (`Message of Monday from <a@b>`) is ignored. Without any bracket, words
    /// that hold an `@` are ids. The last `MessageFormatLimits.messageIDsMax` are kept.
    package static func parse(_ octets: some Sequence<UInt8>) -> [String] {
        let octets = FieldOctets.array(octets)
        var ids = LastIDs()
        var current: [UInt8]?
        for octet in octets {
            switch octet {
            case UInt8(ascii: "<"):
                if let open = current, !open.isEmpty { ids.append(open) }
                current = []
            case UInt8(ascii: ">"):
                if let open = current, !open.isEmpty { ids.append(open) }
                current = nil
            case 0...ASCII.space:
                break
            default:
                current?.append(octet)
            }
        }
        if let open = current, !open.isEmpty { ids.append(open) }
        if ids.kept.isEmpty, !octets.contains(UInt8(ascii: "<")) {
            for word in octets.lazy.split(whereSeparator: endsWord)
            where word.contains(UInt8(ascii: "@")) {
                ids.append(Array(word))
            }
        }
        return ids.kept.suffix(MessageFormatLimits.messageIDsMax)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func endsWord(_ octet: UInt8) -> Bool {
        octet <= ASCII.space || octet == UInt8(ascii: ",")
    }

    /// The last of many ids: never more than twice as many as are wanted.
    private struct LastIDs {
        private(set) var kept: [[UInt8]] = []

        mutating func append(_ id: [UInt8]) {
            if kept.count == 2 * MessageFormatLimits.messageIDsMax {
                kept.removeFirst(MessageFormatLimits.messageIDsMax)
            }
            kept.append(id)
        }
    }

    /// The ids that may be written to a header: a reply to broken mail leaves the broken ones out.
    package static func sendable(_ ids: [String]) -> [String] {
        ids.filter { fault(in: Array($0.utf8)) == nil }
    }

    /// What keeps an id from being written; nil for nothing.
    static func fault(in id: [UInt8]) -> MessageFormatError.Reason? {
        if id.isEmpty { return .empty }
        let brackets = [UInt8(ascii: "<"), UInt8(ascii: ">")]
        if let bad = id.firstIndex(where: { $0 <= 0x20 || $0 >= 0x7F || brackets.contains($0) }) {
            return .forbiddenOctet(id[bad], offset: bad)
        }
        let limit = MessageFormatLimits.messageIDOctetsMax
        return id.count > limit ? .tooLong(octetsMax: limit) : nil
    }
}
