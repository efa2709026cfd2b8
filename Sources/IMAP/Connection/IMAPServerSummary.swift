// What is known of a server once the login is done.

package import SASL

/// A server after login.
package struct IMAPServerSummary: Sendable, Hashable {
    /// How the session came to be authenticated.
    package enum LoginMethod: Sendable, Hashable {
        /// By AUTHENTICATE with a mechanism.
        case sasl(SASLMechanismName)
        /// By the LOGIN command, on a server that has no mechanism at all.
        case loginCommand
        /// It was from the beginning.
        case preauthenticated
    }

    /// What the server offers to this user.
    package var capabilities: IMAPCapabilities
    /// What the server calls itself (RFC 2971); empty where it did not say.
    package var id: [IMAPIDField]
    /// Its namespaces (RFC 2342); nil where it did not say.
    package var namespaces: IMAPNamespaces?
    /// How the session was authenticated.
    package var login: LoginMethod
    /// The text of the greeting as octets; empty where it came in clear before TLS.
    package var greeting: [UInt8]

    /// Whether the server offers a capability.
    package func has(_ name: String) -> Bool { capabilities.has(name) }
}
