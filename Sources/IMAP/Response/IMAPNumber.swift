// Numbers as servers write them. Nothing here traps and nothing overflows: what does not fit is
// clamped where a size may be, and refused where an identity is meant.

internal import MailModel

/// Readers of numbers.
enum IMAPNumber {
    /// A size or count: clamped, negative ones 0, QUIRK: mail.ru writes `9.3736e+06`.
    ///
    /// nil when it is no number at all.
    static func size(_ octets: some Collection<UInt8>) -> UInt64? {
        if octets.first == UInt8(ascii: "-") {
            return isDigits(octets.dropFirst()) ? 0 : nil
        }
        if isDigits(octets) { return ASCII.decimal(octets) ?? .max }
        return floating(Array(octets))
    }

    /// A mod-sequence (RFC 7162 4: 63 bits, not 0); nil for anything else.
    static func modSeq(_ octets: some Collection<UInt8>) -> UInt64? {
        guard let value = ASCII.decimal(octets), value > 0, value <= UInt64(Int64.max) else {
            return nil
        }
        return value
    }

    /// A 32-bit number; nil for anything else.
    static func number32(_ octets: some Collection<UInt8>) -> UInt32? {
        ASCII.decimal(octets).flatMap { UInt32(exactly: $0) }
    }

    /// A UID: 1...4294967295.
    static func uid(_ octets: some Collection<UInt8>) -> UID? {
        number32(octets).flatMap { $0 > 0 ? UID($0) : nil }
    }

    private static func isDigits(_ octets: some Collection<UInt8>) -> Bool {
        !octets.isEmpty && octets.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// `d.ddde+dd` as a whole number.
    private static func floating(_ octets: [UInt8]) -> UInt64? {
        guard let mark = octets.firstIndex(where: { ASCII.lowercased($0) == UInt8(ascii: "e") }),
            let dot = octets.firstIndex(of: UInt8(ascii: ".")), dot < mark
        else { return nil }
        let fraction = octets[(dot + 1)..<mark]
        let sign = octets[(mark + 1)...].first == UInt8(ascii: "+") ? 1 : 0
        guard let exponent = ASCII.decimal(octets[(mark + 1 + sign)...]), exponent <= 18,
            fraction.count <= Int(exponent), isDigits(octets[..<dot]),
            var value = ASCII.decimal(Array(octets[..<dot]) + fraction)
        else { return nil }
        for _ in 0..<(Int(exponent) - fraction.count) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return .max }
            value = product
        }
        return value
    }
}
