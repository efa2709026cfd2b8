// The header fields that a signature or an encryption protects: a copy inside the protected part.
// What differs outside was changed or hidden on the way, and a reader must see both (reliability.md
// C28).

package import MailModel

/// Protected header fields (RFC 9788, and the older `protected-headers` of PGP/MIME writers).
package enum ProtectedHeader {
    /// A field whose protected value is not the one outside.
    package struct Difference: Sendable, Hashable {
        /// The name as this project writes it: `Subject`.
        package let name: String
        /// The protected value, decoded.
        package let value: String
    }

    /// The part that carries protected fields in its own header; nil where there is none.
    ///
    /// Neither the message itself counts nor parts of attached messages: they protect those.
    package static func part(of structure: BodyStructure) -> BodyPart? {
        structure.ownParts.first { part in
            guard part.depth > 0 else { return false }
            return part.parameters.contains { parameter in
                marks.contains { ASCII.equal(parameter.name.utf8, $0.utf8) }
            }
        }
    }

    /// The fields that are different in a protected header, in the order of `fields`.
    package static func differences(
        outer: HeaderBlock,
        protected inner: HeaderBlock
    ) -> [Difference] {
        fields.compactMap { name in
            guard let value = inner.first(name).map({ HeaderText.decode($0.rawValue) }),
                !value.utf8.isEmpty
            else { return nil }
            let shown = outer.first(name).map { HeaderText.decode($0.rawValue) } ?? ""
            return shown.utf8.elementsEqual(value.utf8) ? nil : Difference(name: name, value: value)
        }
    }

    /// The fields that say who wrote what to whom.
    package static let fields = ["Subject", "From", "To", "Cc", "Reply-To", "Date"]

    /// The parameters that mark a Content-Type: RFC 9788 2.1.1 and its forerunner.
    private static let marks = ["hp", "protected-headers"]
}
