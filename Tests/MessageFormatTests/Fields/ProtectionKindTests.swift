// Facts about signed and encrypted structures (RFC 1847, RFC 3156, RFC 8551).

import MailModel
import Testing

@testable import MessageFormat

@Suite struct ProtectionKindTests {
    /// A structure from `depth section type/subtype; name=value` lines.
    private func structure(_ lines: String...) -> BodyStructure {
        BodyStructure(
            parts: lines.map { line in
                let words = line.split(separator: " ").map(String.init)
                let type = words[2].split(separator: "/").map(String.init)
                let parameters = words.dropFirst(3).map { word in
                    let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
                    return BodyPart.Parameter(name: pair[0], value: Array(pair[1].utf8))
                }
                return BodyPart(
                    section: words[1] == "-" ? "" : words[1],
                    type: type[0],
                    subtype: type[1],
                    parameters: Array(parameters),
                    depth: Int(words[0]) ?? 0
                )
            }
        )
    }

    @Test(
        "a multipart/signed names the signed part and the signature",
        arguments: [
            ("protocol=application/pgp-signature", "pgp-signature", ProtectionKind.System.openPGP),
            ("protocol=Application/PKCS7-Signature", "pkcs7-signature", .smime),
            ("protocol=application/x-pkcs7-signature", "x-pkcs7-signature", .smime),
            ("micalg=sha256", "pgp-signature", .openPGP),
        ]
    )
    func signed(parameter: String, subtype: String, system: ProtectionKind.System) {
        let kind = ProtectionKind.of(
            structure(
                "0 - multipart/signed \(parameter)",
                "1 1 multipart/mixed",
                "2 1.1 text/plain",
                "2 1.2 image/png",
                "1 2 application/\(subtype)"
            )
        )
        #expect(kind?.system == system)
        #expect(kind?.signedSection == "1")
        #expect(kind?.signatureSection == "2")
        #expect(kind?.encryptedSection == nil)
    }

    @Test("a multipart/encrypted names the encrypted part")
    func encrypted() {
        let kind = ProtectionKind.of(
            structure(
                "0 - multipart/encrypted protocol=application/pgp-encrypted",
                "1 1 application/pgp-encrypted",
                "1 2 application/octet-stream"
            )
        )
        #expect(kind?.system == .openPGP)
        #expect(kind?.encryptedSection == "2")
        #expect(kind?.signedSection == nil)
    }

    @Test(
        "the smime-type says what an S/MIME object is",
        arguments: [
            ("smime-type=signed-data", "1", nil), ("smime-type=enveloped-data", nil, "1"),
            ("smime-type=authEnveloped-data", nil, "1"), ("name=smime.p7m", nil, "1"),
            ("smime-type=certs-only", nil, nil), ("smime-type=compressed-data", nil, nil),
        ] as [(String, String?, String?)]
    )
    func smime(parameter: String, opaque: String?, encrypted: String?) {
        for type in ["pkcs7-mime", "x-pkcs7-mime"] {
            let kind = ProtectionKind.of(structure("0 1 application/\(type) \(parameter)"))
            #expect(kind?.opaqueSection == opaque)
            #expect(kind?.encryptedSection == encrypted)
        }
    }

    @Test("a list's wrapping is looked through, a forwarded message is not")
    func wrapped() {
        let inList = structure(
            "0 - multipart/mixed",
            "1 1 multipart/signed protocol=application/pgp-signature",
            "2 1.1 text/plain",
            "2 1.2 application/pgp-signature",
            "1 2 text/plain"
        )
        #expect(ProtectionKind.of(inList)?.signedSection == "1.1")
        let forwarded = structure(
            "0 - multipart/mixed",
            "1 1 text/plain",
            "1 2 message/rfc822",
            "2 2 multipart/signed protocol=application/pgp-signature",
            "3 2.1 text/plain",
            "3 2.2 application/pgp-signature"
        )
        #expect(ProtectionKind.of(forwarded) == nil)
    }

    @Test("a structure without its parts is not protected")
    func broken() {
        #expect(ProtectionKind.of(BodyStructure(parts: [])) == nil)
        #expect(ProtectionKind.of(structure("0 - multipart/signed")) == nil)
        #expect(ProtectionKind.of(structure("0 - multipart/encrypted", "1 1 a/b")) == nil)
        let other = structure("0 - multipart/signed protocol=a/b", "1 1 text/plain", "1 2 a/b")
        #expect(ProtectionKind.of(other) == nil)
    }

    @Test(
        "armour is found at the start of a line alone",
        arguments: [
            ("-----BEGIN PGP MESSAGE-----\n", .message),
            ("Hi\r\n-----BEGIN PGP MESSAGE----- \t\r\nx", .message),
            ("a\n-----BEGIN PGP SIGNED MESSAGE-----", .signedMessage),
            ("> -----BEGIN PGP MESSAGE-----\n", nil),
            ("-----BEGIN PGP MESSAGE----- x\n", nil),
            ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n", nil),
            ("", nil),
            ("\n\n-", nil),
        ] as [(String, ProtectionKind.Armour?)]
    )
    func armour(text: String, armour: ProtectionKind.Armour?) {
        #expect(ProtectionKind.armour(in: Array(text.utf8)) == armour)
    }
}
