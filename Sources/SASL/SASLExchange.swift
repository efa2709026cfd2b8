// One authentication as a pure exchange: challenges in, answers out. No socket, no protocol around
// it; IMAP and SMTP put the answers on their own lines. An answer never exists outside a `Secret`.

package import MailModel

/// The client's side of a SASL mechanism (RFC 4422).
///
/// An exchange is used for one attempt. Each answer is handed out once; a server that asks again
/// gets an error instead of the password a second time.
package struct SASLExchange: Sendable {
    /// The mechanism that is spoken.
    package let mechanism: SASLMechanismName
    private let credential: SASLCredential
    private var answersGiven = 0

    /// The strongest mechanism offered that a user name and password can use, or nil.
    ///
    /// `offered` holds mechanism names as the server wrote them, without `AUTH=`.
    package static func choose(offered: some Sequence<[UInt8]>) -> SASLMechanismName? {
        let names = Set(offered.compactMap { SASLMechanismName($0) })
        return SASLMechanismName.allCases.first { names.contains($0) }
    }

    /// An exchange that has not begun.
    package init(_ mechanism: SASLMechanismName, credential: SASLCredential) {
        self.mechanism = mechanism
        self.credential = credential
    }

    /// The answer that may be sent along with the mechanism's name, in base64; nil where the
    /// mechanism lets the server speak first (LOGIN) or an answer has been given already.
    ///
    /// - Throws: `SASLError.credentialTooLong` or `.outOfMemory`.
    package mutating func initialResponse() throws(SASLError) -> Secret? {
        guard mechanism == .plain, answersGiven == 0 else { return nil }
        answersGiven = 1
        return try plainMessage()
    }

    /// The answer to a challenge, in base64, to be followed by CRLF.
    ///
    /// `challenge` is the text behind `+ ` or `334 ` as received; it may be empty.
    /// - Throws: `SASLError`; the attempt is over then.
    package mutating func respond(
        to challenge: ArraySlice<UInt8>
    ) throws(SASLError) -> Secret {
        guard challenge.count <= SASLLimits.challengeOctetsMax else { throw .challengeTooLong }
        let step = answersGiven
        answersGiven += 1
        switch (mechanism, step) {
        case (.plain, 0):
            guard SASLBase64.isValid(ASCII.trimmed(challenge)) else { throw .invalidChallenge }
            return try plainMessage()
        case (.login, 0):
            // QUIRK: the prompts of LOGIN differ from server to server and are not always base64;
            // what they ask for follows from their order alone.
            return try encoded { writer, credential in writer.write(credential.user) }
        case (.login, 1):
            return try encoded { writer, credential in
                credential.secret.withUnsafeBytes { writer.write($0) }
            }
        default:
            throw .unexpectedChallenge
        }
    }

    /// NUL user NUL password: no authorisation identity (RFC 4616 2).
    private func plainMessage() throws(SASLError) -> Secret {
        try encoded { writer, credential in
            writer.write(0)
            writer.write(credential.user)
            writer.write(0)
            credential.secret.withUnsafeBytes { writer.write($0) }
        }
    }

    private func encoded(
        _ body: (inout SASLBase64Writer, SASLCredential) -> Void
    ) throws(SASLError) -> Secret {
        guard let output = Secret() else { throw .outOfMemory }
        var writer = SASLBase64Writer(into: output)
        body(&writer, credential)
        guard writer.finish() else { throw .credentialTooLong }
        return output
    }
}
