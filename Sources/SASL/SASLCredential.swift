// Who logs in and with what. Checked once, here, so that no mechanism has to ask again.

package import MailModel

/// A user name and the secret that goes with it.
package struct SASLCredential: Sendable {
    /// The authentication identity (RFC 4616 authcid): 1...1024 octets without NUL.
    package let user: [UInt8]
    /// The password or token: not empty, without NUL.
    package let secret: Secret

    /// A credential from its two parts.
    /// - Throws: `SASLError.invalidUser` or `.invalidSecret`.
    package init(user: [UInt8], secret: Secret) throws(SASLError) {
        guard !user.isEmpty, user.count <= SASLLimits.userOctetsMax, !user.contains(0) else {
            throw .invalidUser
        }
        let isUsable = secret.withUnsafeBytes { !$0.isEmpty && !$0.contains(0) }
        guard isUsable else { throw .invalidSecret }
        self.user = user
        self.secret = secret
    }
}
