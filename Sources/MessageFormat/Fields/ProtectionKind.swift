// Whether a message is signed or encrypted, by its structure alone. Says nothing about whether a
// signature is good: that is checked on the octets of the parts named here.

package import MailModel

/// How a message is protected, and where the protected parts stand.
package struct ProtectionKind: Sendable, Hashable {
    /// The system that was used.
    package enum System: String, Sendable, Hashable, Codable {
        case openPGP = "pgp"
        case smime
    }

    /// The system.
    package let system: System
    /// The section number of what is signed and readable without it; nil for nothing.
    package let signedSection: String?
    /// The section number of a detached signature; nil for none.
    package let signatureSection: String?
    /// The section number of the encrypted octets; nil for none.
    package let encryptedSection: String?
    /// The section number of what is one object with its signature inside (RFC 8551 3.5.2); nil for
    /// none.
    package let opaqueSection: String?

    /// The outermost protection of a message; nil where there is none.
    ///
    /// A part inside a forwarded message is not this message's: only the first part, and what a
    /// list program may have wrapped in a multipart/mixed, are looked at.
    package static func of(_ structure: BodyStructure) -> ProtectionKind? {
        for (index, part) in structure.parts.enumerated() {
            guard isTop(part, in: structure) else { continue }
            if let kind = kind(of: part, at: index, in: structure) { return kind }
        }
        return nil
    }

    /// Armour in the octets of a text part (RFC 9580 6.2).
    package enum Armour: String, Sendable, Hashable, Codable {
        /// `-----BEGIN PGP MESSAGE-----`: encrypted, or signed as a whole.
        case message
        /// `-----BEGIN PGP SIGNED MESSAGE-----`: readable, with a signature below.
        case signedMessage
    }

    /// The armour whose first line stands in a text, at the start of a line; nil for none.
    package static func armour(in octets: [UInt8]) -> Armour? {
        let limit = min(octets.count, MessageFormatLimits.armourSearchOctetsMax)
        var start = 0
        while start < limit {
            let end = octets[start..<limit].firstIndex(of: ASCII.lf) ?? limit
            if octets[start] == UInt8(ascii: "-") {
                let line = octets[start..<end].reversed().drop { $0 <= ASCII.space }.reversed()
                if line.elementsEqual("-----BEGIN PGP MESSAGE-----".utf8) { return .message }
                if line.elementsEqual("-----BEGIN PGP SIGNED MESSAGE-----".utf8) {
                    return .signedMessage
                }
            }
            start = end + 1
        }
        return nil
    }

    private init(
        _ system: System,
        signed: String? = nil,
        signature: String? = nil,
        encrypted: String? = nil,
        opaque: String? = nil
    ) {
        self.system = system
        signedSection = signed
        signatureSection = signature
        encryptedSection = encrypted
        opaqueSection = opaque
    }

    private static func isTop(_ part: BodyPart, in structure: BodyStructure) -> Bool {
        guard part.depth > 0 else { return true }
        guard part.depth == 1, let first = structure.parts.first else { return false }
        return first.type == "multipart" && first.subtype == "mixed"
    }

    private static func kind(
        of part: BodyPart,
        at index: Int,
        in structure: BodyStructure
    ) -> ProtectionKind? {
        let children = structure.parts[(index + 1)...].prefix { $0.depth > part.depth }
            .filter { $0.depth == part.depth + 1 }
        switch part.mediaType {
        case "multipart/signed":
            return signed(children, protocol: word("protocol", of: part))
        case "multipart/encrypted":
            // RFC 3156 4: control information first, then the encrypted octets.
            guard children.count >= 2 else { return nil }
            return ProtectionKind(.openPGP, encrypted: children[1].section)
        case "application/pkcs7-mime", "application/x-pkcs7-mime":
            return smime(part)
        default:
            return nil
        }
    }

    /// RFC 1847 2.1: the signed part, then the signature.
    private static func signed(_ children: [BodyPart], protocol name: [UInt8]) -> ProtectionKind? {
        guard children.count >= 2 else { return nil }
        let signature = children[1]
        // The parameter may be missing; the signature's own type says the same.
        let system: System
        if ASCII.equal(name, "application/pgp-signature") || signature.subtype == "pgp-signature" {
            system = .openPGP
        } else if ASCII.equal(name, "application/pkcs7-signature")
            || ASCII.equal(name, "application/x-pkcs7-signature")
            || ["pkcs7-signature", "x-pkcs7-signature"].contains(signature.subtype)
        {
            system = .smime
        } else {
            return nil
        }
        return ProtectionKind(
            system,
            signed: children[0].section,
            signature: signature.section
        )
    }

    /// RFC 8551 3.2.2: the `smime-type` says what is inside.
    private static func smime(_ part: BodyPart) -> ProtectionKind? {
        let kind = word("smime-type", of: part)
        // A lone certificate or a compressed object protects nothing.
        if ASCII.equal(kind, "certs-only") || ASCII.equal(kind, "compressed-data") { return nil }
        if ASCII.equal(kind, "signed-data") {
            return ProtectionKind(.smime, opaque: part.section)
        }
        // `enveloped-data`, `authEnveloped-data`, and the default of writers that name none.
        return ProtectionKind(.smime, encrypted: part.section)
    }

    private static func word(_ name: String, of part: BodyPart) -> [UInt8] {
        let value = ParameterList(part.parameters).octets(name) ?? []
        return value.filter { $0 > ASCII.space }
    }
}
