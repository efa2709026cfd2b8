// Every limit of this module. A challenge comes from a server that has not proved anything yet, so
// nothing here is generous.

/// The bounds of a SASL exchange.
package enum SASLLimits {
    /// Most octets of a user name (RFC 4616 2 asks for 255 at least).
    package static let userOctetsMax = 1024
    /// Most octets of a challenge as received, in base64.
    package static let challengeOctetsMax = 8192
}
