// Quoted strings (RFC 5322 3.2.4): their content without quotes and backslashes.

import MailModel

/// Quoted strings of structured fields.
enum QuotedString {
    /// The octets without quotes and without the backslashes of quoted pairs.
    ///
    /// Quotes need not stand at the ends: some writers quote a part of a word.
    static func unquoted(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var isEscaped = false
        for octet in octets {
            if isEscaped || (octet != UInt8(ascii: "\\") && octet != UInt8(ascii: "\"")) {
                result.append(octet)
                isEscaped = false
            } else {
                isEscaped = octet == UInt8(ascii: "\\")
            }
        }
        return result
    }
}
