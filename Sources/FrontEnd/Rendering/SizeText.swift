// Octets for people: at most four characters up to terabytes.

/// Sizes for people.
package enum SizeText {
    /// `512B`, `6.1K`, `48K`, `212K`, `1.2M`: units of 1024, one decimal below ten, rounded down.
    package static func short(_ octets: Int64) -> String {
        let octets = max(0, octets)
        guard octets >= 1000 else { return "\(octets)B" }
        var unit: Int64 = 1024
        for name in ["K", "M", "G"] {
            if octets / unit < 1000 { return text(octets, unit, name) }
            unit *= 1024
        }
        return text(octets, unit, "T")
    }

    private static func text(_ octets: Int64, _ unit: Int64, _ name: String) -> String {
        let whole = octets / unit
        return whole >= 10 ? "\(whole)\(name)" : "\(whole).\(octets % unit * 10 / unit)\(name)"
    }
}
