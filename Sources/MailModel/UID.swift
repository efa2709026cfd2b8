// Unique identifiers and sets of them (RFC 3501 2.3.1.1). Sets stay ranges: a server may name four
// thousand million messages in twelve octets.

/// A message's unique identifier within a mailbox and a UIDVALIDITY.
package struct UID: Sendable, Hashable, Comparable {
    /// The number, 1...4294967295; 0 never names a message.
    package let value: UInt32

    /// A UID from its number.
    package init(_ value: UInt32) { self.value = value }

    /// Orders by number: later arrivals are larger.
    package static func < (left: UID, right: UID) -> Bool { left.value < right.value }
}

/// The epoch of a mailbox's UIDs (RFC 3501 2.3.1.1); 0 where the server named none.
package struct UIDValidity: Sendable, Hashable {
    /// The number.
    package let value: UInt32

    /// A UIDVALIDITY from its number.
    package init(_ value: UInt32) { self.value = value }
}

/// An ordered list of UID ranges, in the order a server or caller gave them.
///
/// The order matters: COPYUID pairs two sets position by position (RFC 4315 3), and Gmail sends
/// descending ones.
package struct UIDSet: Sendable, Hashable {
    /// Most ranges kept of a set from outside.
    package static let rangesMax = 1_000_000

    /// The ranges; a descending range of the text stays one by its `isDescending`.
    package private(set) var ranges: [Range]

    /// One run of UIDs.
    package struct Range: Sendable, Hashable {
        /// The first UID as written.
        package let first: UInt32
        /// The last UID as written; smaller than `first` when the run descends.
        package let last: UInt32

        /// A run from its two ends.
        package init(_ first: UInt32, _ last: UInt32) {
            self.first = first
            self.last = last
        }

        /// How many UIDs the run holds.
        package var count: UInt64 { UInt64(max(first, last)) - UInt64(min(first, last)) + 1 }

        /// Whether a UID lies in the run.
        package func contains(_ uid: UID) -> Bool {
            uid.value >= min(first, last) && uid.value <= max(first, last)
        }
    }

    /// A set of ranges as given.
    package init(ranges: [Range] = []) { self.ranges = ranges }

    /// The smallest set of all that some ranges hold, whatever order and overlaps they came in:
    /// ascending, overlapping and adjacent ones joined.
    package init(joining ranges: [Range]) {
        let sorted = ranges.map { Range(min($0.first, $0.last), max($0.first, $0.last)) }
            .sorted { ($0.first, $0.last) < ($1.first, $1.last) }
        self.ranges = []
        for range in sorted {
            if let end = self.ranges.last, range.first <= end.last || range.first - end.last == 1 {
                self.ranges[self.ranges.count - 1] = Range(end.first, max(end.last, range.last))
            } else {
                self.ranges.append(range)
            }
        }
    }

    /// The smallest set of some UIDs: sorted, adjacent ones joined.
    package init(_ uids: some Sequence<UID>) {
        ranges = []
        for uid in Set(uids).sorted() {
            if let last = ranges.last, last.last < UInt32.max, last.last + 1 == uid.value {
                ranges[ranges.count - 1] = Range(last.first, uid.value)
            } else {
                ranges.append(Range(uid.value, uid.value))
            }
        }
    }

    /// Reads a `uid-set` (RFC 4315 4): numbers and ranges, no `*`, no 0; nil for anything else.
    package init?(parsing octets: ArraySlice<UInt8>) {
        var ranges: [Range] = []
        for item in octets.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard ranges.count < Self.rangesMax else { return nil }
            let ends = item.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            let numbers = ends.compactMap(ASCII.decimal).filter { (1...0xFFFF_FFFF).contains($0) }
            guard numbers.count == ends.count, let first = numbers.first, let last = numbers.last,
                numbers.count <= 2
            else { return nil }
            ranges.append(Range(UInt32(first), UInt32(last)))
        }
        self.ranges = ranges
    }

    /// Whether the set holds no UID.
    package var isEmpty: Bool { ranges.isEmpty }
    /// How many UIDs the set names, repeated ones counted again; saturating.
    package var count: UInt64 {
        ranges.reduce(0) { sum, range in
            let (next, overflow) = sum.addingReportingOverflow(range.count)
            return overflow ? .max : next
        }
    }

    /// Whether a UID is in the set.
    package func contains(_ uid: UID) -> Bool { ranges.contains { $0.contains(uid) } }

    /// The position of a UID in the order of the set, or nil.
    package func position(of uid: UID) -> UInt64? {
        var before: UInt64 = 0
        for range in ranges {
            if range.contains(uid) {
                return before
                    + (range.first <= range.last
                        ? UInt64(uid.value - range.first) : UInt64(range.first - uid.value))
            }
            before = before.addingReportingOverflow(range.count).partialValue
        }
        return nil
    }

    /// The UID at a position in the order of the set, or nil.
    package func uid(at position: UInt64) -> UID? {
        var remaining = position
        for range in ranges {
            if remaining < range.count {
                let step = UInt32(clamping: remaining)
                return UID(range.first <= range.last ? range.first + step : range.first - step)
            }
            remaining -= range.count
        }
        return nil
    }

    /// The text for a command: `1:3,7`.
    package var octets: [UInt8] {
        let items = ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first):\($0.last)" }
        return Array(items.joined(separator: ",").utf8)
    }
}
