// Octets for people: at most four characters up to terabytes.

/// Sizes for people.
package enum SizeText {
    /// `512B`, `6.1K`, `48K`, `212K`, `1.2M`: units of 1024, one decimal below ten, rounded down.
    package static func short(_ octets: Int64) -> String {
        var value = max(0, octets)
        guard value >= 1000 else { return "\(value)B" }
        for unit in ["K", "M", "G", "T"] {
            let tenths = value / 1024 * 10 + value % 1024 * 10 / 1024
            if tenths < 100 { return "\(tenths / 10).\(tenths % 10)\(unit)" }
            value /= 1024
            if value < 1000 || unit == "T" { return "\(value)\(unit)" }
        }
        return "\(value)T"
    }
}
