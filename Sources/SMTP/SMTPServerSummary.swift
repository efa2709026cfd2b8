// What is known of a server once the login is done; the driver keeps it beside the session.

package import SASL

/// A server as the login found it.
package struct SMTPServerSummary: Sendable, Hashable {
    /// The greeting; nil after STARTTLS, because it came in the clear.
    package let greeting: SMTPReply?
    /// What the last EHLO offered; empty after HELO.
    package let extensions: SMTPExtensions
    /// How the login was done; nil without one.
    package let mechanism: SASLMechanismName?
    /// Most octets of a message; nil where the server states no limit.
    package var sizeMax: UInt64? { extensions.sizeMax }
}
