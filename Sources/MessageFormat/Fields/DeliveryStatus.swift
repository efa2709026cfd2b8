// The enhanced status code of a delivery report.

import MailModel

/// A status code `class.subject.detail` (RFC 3463).
package struct DeliveryStatus: Sendable, Hashable {
    /// 2 success, 4 temporary failure, 5 permanent failure.
    package let statusClass: Int
    /// What the failure is about: 1 address, 2 mailbox, 4 network, 7 policy and so on.
    package let subject: Int
    /// The exact condition.
    package let detail: Int

    /// The code as written: `5.1.1`.
    package var text: String { "\(statusClass).\(subject).\(detail)" }
    /// Whether trying again may help.
    package var isTemporary: Bool { statusClass == 4 }

    /// Reads a field's octets; comments and text behind the code are ignored.
    init?(_ octets: [UInt8]) {
        let words = CommentStripper.strip(octets).split { $0 <= ASCII.space }
        let numbers = words.first?.split(
            separator: UInt8(ascii: "."),
            omittingEmptySubsequences: false
        ).map { $0.count <= 3 ? ASCII.decimal($0) : nil }
        guard let numbers, numbers.count == 3, let first = numbers[0], let second = numbers[1],
            let third = numbers[2], [2, 4, 5].contains(first)
        else { return nil }
        (statusClass, subject, detail) = (Int(first), Int(second), Int(third))
    }
}
