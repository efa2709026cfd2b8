// Keeps commands below the length that servers take: a set of many runs is sent in pieces.

package import MailModel

extension UIDSet.Range {
    /// The run as it is sent: the smaller UID first.
    ///
    /// QUIRK: hMailServer misreads descending runs.
    var ascendingText: String {
        let (low, high) = (min(first, last), max(first, last))
        return low == high ? "\(low)" : "\(low):\(high)"
    }
}

extension UIDSet {
    /// The same runs in the same order, in sets whose text has at most `textOctetsMax` octets each;
    /// a run is never split.
    ///
    /// For use before a command that takes a set, with some hundred octets less than
    /// `IMAPLimits.commandOctetsMax`.
    package func split(textOctetsMax: Int = 7000) -> [UIDSet] {
        var sets: [UIDSet] = []
        var piece: [Range] = []
        var octets = 0
        for range in ranges {
            let length = range.ascendingText.utf8.count
            if !piece.isEmpty, octets + 1 + length > textOctetsMax {
                sets.append(UIDSet(ranges: piece))
                piece = []
                octets = 0
            }
            octets += length + (piece.isEmpty ? 0 : 1)
            piece.append(range)
        }
        if !piece.isEmpty { sets.append(UIDSet(ranges: piece)) }
        return sets
    }
}
