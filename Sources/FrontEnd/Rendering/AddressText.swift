// Addresses for people. The address itself is what can be relied on, so a name never hides it
// (reliability.md C19).

package import MailModel

/// Display of addresses.
package enum AddressText {
    /// `Name <address>`, or the address alone; the name cut so that the address stays in sight.
    package static func full(_ address: Address) -> String {
        let spec = TerminalText.line(address.address, octetsMax: FrontEndLimits.cellOctetsMax)
        let note = note(address)
        guard let name = address.name, !isBlank(name) else { return spec + note }
        let shown = CellText(name, width: FrontEndLimits.displayNameCellsMax).text
        guard !spec.utf8.isEmpty else { return shown }
        return "\(shown) <\(spec)>\(note)"
    }

    /// What an address has that may deceive a reader.
    private static func note(_ address: Address) -> String {
        let spec = TerminalText.cut(address.address, octetsMax: FrontEndLimits.cellOctetsMax).utf8
        let domain = spec.lastIndex(of: UInt8(ascii: "@")).map { spec[spec.index(after: $0)...] }
        var note = ""
        if let ascii = domain.flatMap({ Punycode.ascii(domain: $0) }) {
            note += "  [domain: \(TerminalText.line(ascii))]"
        }
        if let name = address.name, isImpostor(name, of: address.address) {
            note += "  [the name is another address]"
        }
        return note
    }

    /// A list of addresses, separated by commas.
    package static func full(_ addresses: [Address]) -> String {
        addresses.lazy.map { full($0) }.joined(separator: ", ")
    }

    /// What a list shows: the name, or the address where there is no name or one that poses as an
    /// address; `+2` for more.
    package static func short(_ addresses: [Address]) -> String {
        guard let first = addresses.first else { return "" }
        let more = addresses.count > 1 ? " +\(addresses.count - 1)" : ""
        guard let name = first.name, !isBlank(name), !isImpostor(name, of: first.address) else {
            return first.address + more
        }
        return name + more
    }

    /// Whether a name looks like an address and is not this one.
    private static func isImpostor(_ name: String, of address: String) -> Bool {
        let name = TerminalText.cut(name, octetsMax: FrontEndLimits.cellOctetsMax)
        let hasAt = name.unicodeScalars.contains {
            $0 == "@" || $0 == "\u{FF20}" || $0 == "\u{FE6B}"
        }
        return hasAt && !ASCII.equal(name.utf8, address.utf8)
    }

    private static func isBlank(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 == ASCII.space || $0 == ASCII.tab }
    }
}
