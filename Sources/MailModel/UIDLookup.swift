// Whether many UIDs are in sets that a server made: the ranges are sorted once, whatever order and
// overlaps they came in.

/// The union of sets, for asking often.
package struct UIDLookup: Sendable {
    /// Ascending, neither overlapping nor empty.
    private let ranges: [UIDSet.Range]

    /// The union of some sets.
    package init(_ sets: [UIDSet]) {
        let sorted = sets.flatMap(\.ranges)
            .map { UIDSet.Range(min($0.first, $0.last), max($0.first, $0.last)) }
            .sorted { $0.first < $1.first }
        var joined: [UIDSet.Range] = []
        for range in sorted {
            if let last = joined.last, range.first <= last.last {
                joined[joined.count - 1] = UIDSet.Range(last.first, max(last.last, range.last))
            } else {
                joined.append(range)
            }
        }
        ranges = joined
    }

    /// Whether a UID is in one of the sets.
    package func contains(_ uid: UID) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].last < uid.value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].first <= uid.value
    }
}
