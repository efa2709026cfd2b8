// Addresses of hosts inside comments of trace fields. Finds what is written as one; says nothing
// about whose it is.

import MailModel

/// IPv4 and IPv6 addresses as text.
enum IPText {
    /// The first address in some text as written, without `IPv6:`, zone and port; or nil.
    ///
    /// What a host called itself (`HELO [192.0.2.1]`) is not its address.
    static func first(in octets: ArraySlice<UInt8>) -> String? {
        var isGreeting = false
        for word in octets.split(whereSeparator: isSeparator) {
            if !isGreeting, let address = address(word) {
                return String(decoding: address, as: UTF8.self)
            }
            let name = word.last == UInt8(ascii: "=") ? word.dropLast() : word
            isGreeting =
                ASCII.equal(name, "helo") || ASCII.equal(name, "ehlo") || ASCII.equal(name, "lhlo")
        }
        return nil
    }

    private static func isSeparator(_ octet: UInt8) -> Bool {
        switch octet {
        case 0...ASCII.space, UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ","),
            UInt8(ascii: ";"):
            true
        default: false
        }
    }

    private static func address(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard word.count <= 64 else { return nil }
        var word = word
        if ASCII.hasPrefix(word, "ipv6:") { word = word.dropFirst(5) }
        let colons = word.count { $0 == UInt8(ascii: ":") }
        if colons <= 1 {
            let host = word.prefix { $0 != UInt8(ascii: ":") }
            return isIPv4(host) ? host : nil
        }
        let host = word.prefix { $0 != UInt8(ascii: "%") }
        return isIPv6(host) ? host : nil
    }

    private static func isIPv4(_ octets: ArraySlice<UInt8>) -> Bool {
        let fields = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return fields.count == 4
            && fields.allSatisfy { field in
                field.count <= 3 && (ASCII.decimal(field).map { $0 <= 255 } ?? false)
            }
    }

    private static func isIPv6(_ octets: ArraySlice<UInt8>) -> Bool {
        let fields = octets.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        // Eight groups, or fewer where `::` or an IPv4 address stands for some (RFC 4291 2.2).
        let isShort = fields.contains { $0.isEmpty } || fields.last.map(isIPv4) ?? false
        guard fields.count == 8 || (isShort && (3...9).contains(fields.count)) else { return false }
        return fields.enumerated().allSatisfy { index, field in
            (index == fields.count - 1 && isIPv4(field))
                || (field.count <= 4 && field.allSatisfy { Hexadecimal.value($0) != nil })
        }
    }
}
