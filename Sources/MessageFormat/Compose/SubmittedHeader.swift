// The header of a message that a program hands over whole, as to sendmail(8): made fit for the wire
// by as few changes as possible, for what is in it may be signed.

package import MailModel

/// The header of a submitted message (RFC 6409 section 8).
package struct SubmittedHeader: Sendable {
    /// As sent, with the empty line at its end: without Bcc, with Date, From and Message-ID.
    package let sent: [UInt8]
    /// As filed: with Bcc.
    package let filed: [UInt8]
    /// The Message-ID without brackets.
    package let messageID: String
    /// The subject, decoded; empty where there is none.
    package let subject: String
    /// The author's address; nil where none can be read.
    package let author: String?
    /// Whom the header names: To, Cc and Bcc, or where there is one, only the fields of the newest
    /// sender again (RFC 5322 3.6.6).
    package let recipients: [Address]
    /// Whether readers understand one of them in different ways: `AddressList.hasDividedWord`.
    package let hasDividedRecipient: Bool
    /// How many octets of what was read are header.
    package let octetCount: Int

    /// Reads the header at the start of a message, with any line ends.
    ///
    /// It ends at an empty line or before a line that is no field. `author` stands for a From that
    /// is missing, and `date` for a Date.
    package init(parsing octets: [UInt8], author: Draft.Mailbox, date: DateTime) {
        let block = HeaderBlock(parsing: octets)
        let whole = block.fields
        let fields = Array(whole.prefix { !$0.name.isEmpty })
        octetCount =
            fields.count < whole.count
            ? whole[fields.count].octets.startIndex : block.octetCount
        var lines: [(octets: [UInt8], isHidden: Bool)] = fields.map { field in
            let isHidden = Self.is(field, "bcc") || Self.is(field, "resent-bcc")
            return (Self.canonical(field.octets), isHidden)
        }
        let from = fields.filter { Self.is($0, "from") }
            .flatMap { AddressList.parse($0.rawValue) }.first
        self.author = from?.address
        if from == nil {
            var writer = HeaderWriter()
            writer.mailboxes("From", [author])
            lines.append((writer.octets, false))
        }
        if !fields.contains(where: { Self.is($0, "date") }) {
            lines.append((Array("Date: \(date.rfc5322)\r\n".utf8), false))
        }
        let known = fields.filter { Self.is($0, "message-id") }
            .flatMap { MessageIDs.sendable(MessageIDs.parse($0.rawValue)) }.first
        messageID = known ?? MessageID.generate(domain: author.address.domain, date: date)
        if known == nil {
            lines.removeAll { Self.isNamed($0.octets, "message-id") }
            lines.append((Array("Message-ID: <\(messageID)>\r\n".utf8), false))
        }
        subject =
            fields.first { Self.is($0, "subject") }
            .map { HeaderText.decode($0.unfolded) } ?? ""
        let named = Self.recipientFields(fields)
        recipients = named.flatMap { AddressList.parse($0.rawValue) }
        hasDividedRecipient = named.contains { AddressList.hasDividedWord($0.rawValue) }
        let end = [ASCII.cr, ASCII.lf]
        sent = lines.filter { !$0.isHidden }.flatMap(\.octets) + end
        filed = lines.flatMap(\.octets) + end
    }

    private static func recipientFields(_ fields: [HeaderField]) -> [HeaderField] {
        let again = ["resent-to", "resent-cc", "resent-bcc"]
        let isAgain = fields.contains { field in again.contains { Self.is(field, $0) } }
        let names = isAgain ? again : ["to", "cc", "bcc"]
        return fields.filter { field in names.contains { Self.is(field, $0) } }
    }

    private static func `is`(_ field: HeaderField, _ name: String) -> Bool {
        ASCII.equal(field.name, name.utf8)
    }

    private static func isNamed(_ octets: [UInt8], _ name: String) -> Bool {
        `is`(HeaderField(octets: octets), name)
    }

    /// A field with CRLF behind each line, and nothing that could be taken for another.
    private static func canonical(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var lines = CanonicalLines()
        var result = lines.canonical(Array(octets))
        result += lines.finish()
        return result
    }
}

/// Octets with CRLF for every line end there is: LF, CR, or both (protocols.md 2.3, rule 4).
package struct CanonicalLines: Sendable {
    private var isAfterCR = false
    private var isInLine = false

    /// Nothing yet.
    package init() {}

    /// The next octets; a CR at their end waits for what follows.
    package mutating func canonical(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count + octets.count / 32)
        for octet in octets {
            if isAfterCR {
                isAfterCR = false
                result.append(ASCII.cr)
                result.append(ASCII.lf)
                isInLine = false
                if octet == ASCII.lf { continue }
            }
            switch octet {
            case ASCII.cr: isAfterCR = true
            case ASCII.lf:
                result.append(ASCII.cr)
                result.append(ASCII.lf)
                isInLine = false
            default:
                result.append(octet)
                isInLine = true
            }
        }
        return result
    }

    /// What ends the last line.
    package mutating func finish() -> [UInt8] {
        let needsEnd = isAfterCR || isInLine
        (isAfterCR, isInLine) = (false, false)
        return needsEnd ? [ASCII.cr, ASCII.lf] : []
    }
}
