// Whether many UIDs are in sets that a server made: the ranges are sorted once, whatever order and
// overlaps they came in.

/// The union of sets, for asking often.
package struct UIDLookup: Sendable {
    /// Ascending, none overlapping.
    private let ranges: [UIDSet.Range]

    /// The union of some sets.
    package init(_ sets: [UIDSet]) {
        ranges = UIDSet(joining: sets.flatMap(\.ranges)).ranges
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
