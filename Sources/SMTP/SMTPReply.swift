// One reply of a server as values. The octets of its text are the server's: nothing here decodes
// them but `description`, which is for people and holds no control character.

/// A complete reply (RFC 5321 4.2).
///
///     S: 550-5.1.1 The account does not exist.
///     S: 550 5.1.1 Look at https://example.org/a
package struct SMTPReply: Sendable, Hashable {
    /// An enhanced status code (RFC 3463), as in `5.1.1`.
    package struct EnhancedStatus: Sendable, Hashable {
        /// 2 for success, 4 for a temporary and 5 for a permanent failure.
        package let statusClass: Int
        /// What it is about: 1 address, 2 mailbox, 3 system, 5 protocol, 7 policy.
        package let subject: Int
        /// What exactly.
        package let detail: Int

        /// Puts one together.
        package init(_ statusClass: Int, _ subject: Int, _ detail: Int) {
            self.statusClass = statusClass
            self.subject = subject
            self.detail = detail
        }
    }

    /// The three digits, 200 to 599.
    package let code: Int
    /// The text of each line without code, separator and line end; never empty.
    package let lines: [[UInt8]]
    /// The enhanced status at the start of the first line; nil where there is none of the same
    /// class as `code`.
    package let enhancedStatus: EnhancedStatus?

    /// Puts a reply together; an empty list of lines counts as one empty line.
    package init(code: Int, lines: [[UInt8]]) {
        self.code = code
        self.lines = lines.isEmpty ? [[]] : lines
        self.enhancedStatus = EnhancedStatus(startOf: self.lines[0], ofCode: code)
    }

    /// Whether it says yes.
    ///
    /// The 220 and 221 of a session's start and end never answer a command of
    /// a session, so they are no yes.
    package var isCompletion: Bool { (200...299).contains(code) && code != 220 && code != 221 }
    /// Whether it refuses for now (4yz).
    package var isTemporary: Bool { (400...499).contains(code) }
    /// Whether it refuses for good (5yz).
    package var isPermanent: Bool { (500...599).contains(code) }
    /// Whether it refuses a recipient only because there are too many in one transaction, so that
    /// the rest may be tried in another one (RFC 5321 4.5.3.1.10).
    package var isTooManyRecipients: Bool {
        code == 452 && (enhancedStatus == nil || enhancedStatus == EnhancedStatus(4, 5, 3))
    }
    /// Whether it is about the account and not the message: log in first, or with another method
    /// (RFC 4954 6).
    package var isAboutAuthentication: Bool { [530, 534, 535, 538].contains(code) }

    /// All lines with a line feed between them, as the server sent them.
    package var text: [UInt8] { Array(lines.joined(separator: [0x0A])) }
}

extension SMTPReply.EnhancedStatus {
    /// Reads `class.subject.detail` and the space or end behind it; nil for anything else, and for
    /// a class that contradicts the reply code.
    init?(startOf line: [UInt8], ofCode code: Int) {
        var numbers: [Int] = []
        var digits = 0
        for octet in line.prefix(10) + [0x20] {
            switch octet {
            case 0x30...0x39 where digits < 3:
                if digits == 0 { numbers.append(0) }
                numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int(octet - 0x30)
                digits += 1
            case UInt8(ascii: ".") where digits > 0 && numbers.count < 3:
                digits = 0
            case 0x20 where digits > 0 && numbers.count == 3 && numbers[0] == code / 100:
                self.init(numbers[0], numbers[1], numbers[2])
                return
            default:
                return nil
            }
        }
        return nil
    }
}

extension SMTPReply: CustomStringConvertible {
    /// Code and text in one line; control characters are shown as `?`.
    package var description: String {
        var line = "\(code)"
        for octets in lines where !octets.isEmpty {
            line += " "
            for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
                let isShown = scalar == "\t" || scalar.properties.generalCategory != .control
                line.unicodeScalars.append(isShown ? scalar : "?")
            }
        }
        return line
    }
}

extension SMTPReply.EnhancedStatus: CustomStringConvertible {
    /// As it stands in a reply.
    package var description: String { "\(statusClass).\(subject).\(detail)" }
}
