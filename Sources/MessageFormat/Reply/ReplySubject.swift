// Subjects of answers and forwards: one mark in front, however many programs and languages the
// conversation has passed through.

import MailModel

/// Marks a subject without stacking marks.
package enum ReplySubject {
    /// `Re: ` and the subject without marks of answering in front.
    ///
    /// A mark of forwarding stays: it says what is answered. So do tags (`[list]`), each once:
    /// `[list] AW: [list] Lunch` becomes `Re: [list] Lunch`.
    package static func reply(to subject: [UInt8]) -> [UInt8] {
        Array("Re: ".utf8) + withoutMarks(ReceivedText.line(subject), replyMarks)
    }

    /// `Fwd: ` and the subject without marks of forwarding in front or around it.
    package static func forward(of subject: [UInt8]) -> [UInt8] {
        var rest = ReceivedText.line(subject)[...]
        while true {
            if ASCII.equal(rest.suffix(5), "(fwd)") {
                rest = ASCII.trimmed(rest.dropLast(5))
            } else if rest.count >= 6, ASCII.hasPrefix(rest, "[fwd:"),
                rest.last == UInt8(ascii: "]")
            {
                rest = ASCII.trimmed(rest.dropFirst(5).dropLast())
            } else {
                return Array("Fwd: ".utf8) + withoutMarks(Array(rest), forwardMarks)
            }
        }
    }

    /// The subject without the marks before its text, and with the tags between them once.
    private static func withoutMarks(_ subject: [UInt8], _ marks: [[UInt8]]) -> [UInt8] {
        let subject = subject[...]
        var index = 0
        // Tags before the last mark, and those behind it, which are part of the text.
        var (tags, pending): ([ArraySlice<UInt8>], [ArraySlice<UInt8>]) = ([], [])
        var textStart = 0
        while index < subject.endIndex {
            if SubjectScanner.isBlank(subject[index]) {
                index += 1
                if pending.isEmpty { textStart = index }
            } else if let end = SubjectScanner.blobEnd(subject, at: index) {
                pending.append(ASCII.trimmed(subject[index..<end]))
                index = end
            } else if let end = SubjectScanner.markEnd(
                subject,
                at: index,
                among: marks,
                isWide: true
            ) {
                tags += pending
                pending = []
                (index, textStart) = (end, end)
            } else {
                break
            }
        }
        var seen = Set(pending)
        let kept = tags.filter { seen.insert($0).inserted }
        return kept.flatMap { $0 + [ASCII.space] } + subject[textStart...]
    }

    /// Marks of answers: English, German, Swedish, Danish and Norwegian, Dutch, Portuguese,
    /// Finnish, Italian, Chinese.
    private static let replyMarks = [
        "re", "aw", "sv", "antw", "res", "vs", "rif", "回复", "答复", "回覆",
    ].map { Array($0.utf8) }

    /// Marks of forwards: English, German, French, Norwegian, Portuguese, Chinese.
    ///
    /// `VS` is the one's answer and the other's forward.
    private static let forwardMarks = [
        "fwd", "fw", "wg", "tr", "vs", "enc", "转发", "轉寄",
    ].map { Array($0.utf8) }
}
