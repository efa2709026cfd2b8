// The one place where command lines are made. Addresses come as `AddrSpec`, which holds no line end
// and no unquoted bracket; the EHLO name is checked here; nothing else from outside gets in.

internal import MailModel
internal import SASL

/// A command of ours (RFC 5321 4.1.1, RFC 3207, RFC 4954).
enum SMTPCommand {
    case ehlo(EHLOName)
    case helo(EHLOName)
    case startTLS
    case auth(SASLMechanismName)
    case mail(sender: AddrSpec?, parameters: MailParameters)
    case rcpt(AddrSpec, dsn: DSNRequest?)
    case data
    case bdat(count: Int, isLast: Bool)
    case rset
    case quit

    /// What goes behind the reverse-path.
    struct MailParameters: Equatable {
        /// SIZE= (RFC 1870); nil leaves it out.
        var size: UInt64?
        /// BODY=8BITMIME (RFC 6152).
        var is8Bit = false
        /// SMTPUTF8 (RFC 6531).
        var isUTF8 = false
        /// RET= (RFC 3461 4.3).
        var content: DSNRequest.Content?
        /// ENVID= (RFC 3461 4.4), not encoded yet; none leaves it out.
        var envelopeID: [UInt8] = []
    }

    /// The line with its CRLF.
    var octets: [UInt8] {
        switch self {
        case .ehlo(let name): line("EHLO ", name.octets)
        case .helo(let name): line("HELO ", name.octets)
        case .startTLS: line("STARTTLS")
        case .auth(let mechanism): line("AUTH ", Array(mechanism.rawValue.utf8))
        case .mail(let sender, let parameters):
            line("MAIL FROM:<", sender?.octets ?? [], ">", parameters.octets)
        case .rcpt(let address, let dsn):
            line("RCPT TO:<", address.octets, ">", dsn?.octets(for: address) ?? [])
        case .data: line("DATA")
        case .bdat(let count, let isLast):
            line("BDAT ", Array("\(count)".utf8), isLast ? " LAST" : "")
        case .rset: line("RSET")
        case .quit: line("QUIT")
        }
    }

    private func line(
        _ verb: StaticString,
        _ argument: [UInt8] = [],
        _ separator: StaticString = "",
        _ rest: [UInt8] = []
    ) -> [UInt8] {
        constant(verb) + argument + constant(separator) + rest + [ASCII.cr, ASCII.lf]
    }

    private func constant(_ text: StaticString) -> [UInt8] {
        text.withUTF8Buffer { Array($0) }
    }
}

extension SMTPCommand.MailParameters {
    fileprivate var octets: [UInt8] {
        var text = ""
        if let size { text += " SIZE=\(size)" }
        if is8Bit { text += " BODY=8BITMIME" }
        if isUTF8 { text += " SMTPUTF8" }
        if let content { text += content == .full ? " RET=FULL" : " RET=HDRS" }
        let octets = Array(text.utf8)
        let name = xtext(envelopeID)
        guard (1...SMTPLimits.envelopeIDOctetsMax).contains(name.count) else { return octets }
        return octets + Array(" ENVID=".utf8) + name
    }
}

extension DSNRequest {
    /// NOTIFY= and ORCPT= (RFC 3461 4.1, 4.2) behind a forward-path.
    fileprivate func octets(for address: AddrSpec) -> [UInt8] {
        let notify = " NOTIFY=" + (events.isEmpty ? "NEVER" : eventText.uppercased())
        let original = xtext(address.octets)
        let octets = Array(notify.utf8)
        // One in UTF-8 has another type (RFC 6533), which servers do not need to be told.
        guard !address.needsUTF8, original.count <= SMTPLimits.originalRecipientOctetsMax else {
            return octets
        }
        return octets + Array(" ORCPT=rfc822;".utf8) + original
    }
}

/// Octets as xtext (RFC 3461 4): printable ASCII but `+` and `=`, all else as `+XX`.
private func xtext(_ octets: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return octets.flatMap { octet -> [UInt8] in
        switch octet {
        case UInt8(ascii: "+"), UInt8(ascii: "="): break
        case 0x21...0x7E: return [octet]
        default: break
        }
        return [UInt8(ascii: "+"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
    }
}

/// A checked argument of EHLO: a domain or an address literal (RFC 5321 4.1.1.1).
struct EHLOName: Sendable, Equatable {
    /// What a server gets that refuses an address literal.
    ///
    /// It says nothing about this host.
    static let withoutLiteral = EHLOName(unchecked: Array("localhost.localdomain".utf8))

    let octets: [UInt8]

    /// Nil for anything but letters, digits and `-._:[]`, and for none or too many of them.
    init?(_ octets: [UInt8]) {
        let isFine = octets.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default:
                false
            }
        }
        guard isFine, (1...SMTPLimits.ehloNameOctetsMax).contains(octets.count) else { return nil }
        self.octets = octets
    }

    private init(unchecked octets: [UInt8]) { self.octets = octets }

    var isLiteral: Bool { octets.first == UInt8(ascii: "[") }
}
