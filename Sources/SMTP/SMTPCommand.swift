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
    case rcpt(AddrSpec)
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
        case .rcpt(let address): line("RCPT TO:<", address.octets, ">")
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
        return Array(text.utf8)
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
