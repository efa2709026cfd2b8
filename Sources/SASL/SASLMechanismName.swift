// The mechanisms this project speaks, strongest first, and the choice among those a server offers.

internal import MailModel

/// The registered name of a mechanism.
package enum SASLMechanismName: String, Sendable, Hashable, CaseIterable {
    // In the order of preference: `SASLExchange.choose` takes the first that is offered.
    /// One message with user and password (RFC 4616).
    case plain = "PLAIN"
    /// Two prompts, two answers; never standardised (draft-murchison-sasl-login).
    case login = "LOGIN"

    /// The mechanism that a server names, in any case; nil for one we do not speak.
    package init?(_ octets: some Collection<UInt8>) {
        let known = Self.allCases.first { ASCII.equal($0.rawValue.utf8, octets) }
        guard let known else { return nil }
        self = known
    }
}
