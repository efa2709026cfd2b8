// Every limit of this module, named. The numbers follow reliability.md 1.4 (L1-L5) and protocols.md
// 1.4; where the two differ the reason stands beside the constant.

/// The bounds of what a server may send and of what is sent to it.
package enum IMAPLimits {
    // What arrives before the login (L1, L5): nobody has proved anything yet.

    /// Most octets of a line before the login.
    package static let loginLineOctetsMax = 8 * 1024
    /// Most octets a server may send from greeting to login.
    package static let loginOctetsMax: UInt64 = 64 * 1024
    /// Most responses a server may send from greeting to login.
    package static let loginLinesMax = 100

    // What arrives after it.

    /// Most octets of a line, literals not counted (L1).
    package static let lineOctetsMax = 1024 * 1024
    /// Most octets of a line that names messages: SEARCH, ESEARCH, VANISHED.
    ///
    /// A server without ESEARCH names every UID in one line; this is two million of them.
    package static let setLineOctetsMax = 16 * 1024 * 1024
    /// Most octets of a literal that is no data of a message (L2).
    package static let literalOctetsMax: UInt64 = 64 * 1024
    /// Most octets that are kept of a literal with data of a message, bodies apart.
    ///
    /// A longer one is read past and left out: whoever sends a message chooses its subject and file
    /// names, and must not be able to end every session that lists it.
    package static let messageDataOctetsMax: UInt64 = 4 * 1024 * 1024
    /// Most octets any literal may announce; what is streamed is bounded by the caller's own limit
    /// long before.
    package static let streamedOctetsMax: UInt64 = 4 * 1024 * 1024 * 1024
    /// Most literals in one response (L4).
    package static let literalsMax = 1000
    /// Most octets of one response that are kept at a time, literals and lines together.
    package static let responseOctetsMax = 32 * 1024 * 1024
    /// Most digits of an announced literal size.
    package static let literalDigitsMax = 20
    /// Most tokens of one response.
    package static let tokensMax = 1_000_000
    /// Most NUL octets read past before a response.
    package static let leadingNULsMax = 1024

    // What is kept of it.

    /// Most parentheses within each other in a BODYSTRUCTURE (L4).
    package static let depthMax = 100
    /// Most parts of a BODYSTRUCTURE (L4).
    package static let partsMax = 10_000
    /// Most parameters kept of one body part.
    package static let parametersMax = 128
    /// Most octets of a media type, token or parameter name of a body part.
    package static let bodyTokenOctetsMax = 1024
    /// Most flags of a message or mailbox; more are damage.
    package static let flagsMax = 1000
    /// Most labels of a message; more are damage.
    package static let labelsMax = 1000
    /// Most attributes kept of a LIST response.
    package static let attributesMax = 64
    /// Most capabilities kept.
    package static let capabilitiesMax = 512
    /// Most octets of a capability that is kept.
    package static let capabilityOctetsMax = 128
    /// Most field and value pairs kept of an ID response (RFC 2971 3.3 allows 30).
    package static let idFieldsMax = 30
    /// Most octets of an ID field or value (RFC 2971 3.3).
    package static let idOctetsMax = 1024
    /// Most resources of one quota root.
    package static let quotaResourcesMax = 16
    /// Most namespaces of one class.
    package static let namespacesMax = 100
    /// Most message numbers of one search.
    package static let searchNumbersMax = 5_000_000
    /// Most octets of an INTERNALDATE that are looked at.
    package static let dateOctetsMax = 64
    /// Most octets of server text that are kept with a condition or error.
    package static let textOctetsMax = 4096
    /// Most conditions kept between login and `ready`.
    package static let deferredMax = 100

    // What is sent.

    /// Most octets of a command line: some servers stop at 8,192 (protocols.md 4.12).
    package static let commandOctetsMax = 8000
    /// Most octets of a quoted string; longer ones go as literals.
    package static let quotedOctetsMax = 1000
    /// Most octets a non-synchronising literal may have where only LITERAL- is offered (RFC 7888
    /// 5).
    package static let literalMinusOctetsMax: UInt64 = 4096
    /// Most octets of a message that is sent without waiting for the server's consent: beyond that
    /// a refusal (quota, size) is worth the round trip.
    package static let messageUnaskedOctetsMax: UInt64 = 100 * 1024
    /// Most commands that wait behind the running one.
    package static let queuedCommandsMax = 1000
}
