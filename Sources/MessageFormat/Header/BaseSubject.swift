// The subject that a thread shares: what remains when marks of answering and forwarding are taken
// off. Servers sort and thread by the same rules, so they are followed to the letter here; marks in
// other languages are `ReplySubject`'s business.

import MailModel

/// A base subject (RFC 5256 2.1).
package struct BaseSubject: Sendable, Hashable {
    /// The base subject in UTF-8; may be empty.
    package let text: [UInt8]
    /// Whether a mark of an answer or a forward was removed.
    package let isReplyOrForward: Bool

    /// The base subject of a Subject field's body, with its encoded words.
    package init(parsing octets: some Sequence<UInt8>) {
        self.init(Array(HeaderText.decode(octets).utf8))
    }

    /// The base subject of a decoded subject.
    ///
    /// Steps and rules have the numbers and names of RFC 5256 2.1 and 5.
    package init(_ subject: [UInt8]) {
        let collapsed = Self.collapsed(subject)  // step 1
        var rest = collapsed[...]
        var isMarked = false
        repeat {
            if Self.removeTrailers(&rest) { isMarked = true }  // step 2
            if Self.removeLeaders(&rest) { isMarked = true }  // steps 3 to 5
            guard Self.removeForwardFrame(&rest) else { break }  // step 6
            isMarked = true
        } while true
        text = Array(rest)
        isReplyOrForward = isMarked
    }

    private static func collapsed(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        for octet in octets {
            let isBlank =
                SubjectScanner.isBlank(octet) || octet == ASCII.cr || octet == ASCII.lf
            if !isBlank {
                result.append(octet)
            } else if result.last != ASCII.space {
                result.append(ASCII.space)
            }
        }
        return result
    }

    /// Removes subj-trailer from the end; whether one was `(fwd)`.
    private static func removeTrailers(_ rest: inout ArraySlice<UInt8>) -> Bool {
        var isMarked = false
        while true {
            while let last = rest.last, SubjectScanner.isBlank(last) { rest.removeLast() }
            guard ASCII.equal(rest.suffix(5), "(fwd)") else { return isMarked }
            rest.removeLast(5)
            isMarked = true
        }
    }

    /// Removes subj-leader and subj-blob from the start; whether one was a subj-refwd.
    ///
    /// Of a run of blobs with no mark behind it, all go, but the last one stays where nothing else
    /// would.
    private static func removeLeaders(_ rest: inout ArraySlice<UInt8>) -> Bool {
        var isMarked = false
        while true {
            rest = rest.drop(while: SubjectScanner.isBlank)
            let start = rest.startIndex
            var (end, lastBlob) = (start, start)
            while let next = SubjectScanner.blobEnd(rest, at: end) { (lastBlob, end) = (end, next) }
            if let next = SubjectScanner.markEnd(rest, at: end, among: marks) {
                rest = rest[next...]
                isMarked = true
                continue
            }
            rest = rest[(end < rest.endIndex ? end : lastBlob)...]
            return isMarked
        }
    }

    /// Removes subj-fwd-hdr and subj-fwd-trl from the ends, if both are there.
    private static func removeForwardFrame(_ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.count >= 6, ASCII.hasPrefix(rest, "[fwd:"), rest.last == UInt8(ascii: "]") else {
            return false
        }
        rest = rest.dropFirst(5).dropLast()
        return true
    }

    private static let marks = ["re", "fwd", "fw"].map { Array($0.utf8) }
}

/// The tokens of a subject that are not text.
enum SubjectScanner {
    /// WSP.
    static func isBlank(_ octet: UInt8) -> Bool { octet == ASCII.space || octet == ASCII.tab }

    /// The index behind a subj-blob that begins at an index, blanks after it included; else nil.
    static func blobEnd(_ octets: ArraySlice<UInt8>, at index: Int) -> Int? {
        guard index < octets.endIndex, octets[index] == UInt8(ascii: "[") else { return nil }
        let end = octets[(index + 1)...].firstIndex {
            $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") || $0 == 0
        }
        guard let end, octets[end] == UInt8(ascii: "]") else { return nil }
        return skipBlanks(octets, from: end + 1)
    }

    /// The index behind a mark and its colon (subj-refwd) that begin at an index; else nil.
    ///
    /// Marks are given in lower case. Where `isWide`, the colon may be the full-width one of East
    /// Asian writers.
    static func markEnd(
        _ octets: ArraySlice<UInt8>,
        at index: Int,
        among marks: [[UInt8]],
        isWide: Bool = false
    ) -> Int? {
        for mark in marks {
            guard octets[index...].prefix(mark.count).elementsEqual(mark, by: isFolded) else {
                continue
            }
            let end = skipBlanks(octets, from: index + mark.count)
            let colon = blobEnd(octets, at: end) ?? end
            if octets[colon...].first == UInt8(ascii: ":") { return colon + 1 }
            if isWide, octets[colon...].starts(with: [0xEF, 0xBC, 0x9A]) { return colon + 3 }
        }
        return nil
    }

    private static func isFolded(_ octet: UInt8, _ mark: UInt8) -> Bool {
        ASCII.lowercased(octet) == mark
    }

    private static func skipBlanks(_ octets: ArraySlice<UInt8>, from start: Int) -> Int {
        octets[start...].firstIndex { !isBlank($0) } ?? octets.endIndex
    }
}
