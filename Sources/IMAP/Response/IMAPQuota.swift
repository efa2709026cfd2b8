// How full a mailbox is (RFC 9208): `* QUOTA "User quota" (STORAGE 96 100 MESSAGE 7 1000)`.

internal import MailModel

/// The figures of one quota root.
package struct IMAPQuota: Sendable, Hashable {
    /// A resource and how much of it is used.
    package struct Resource: Sendable, Hashable {
        /// What it is: `STORAGE`, `MESSAGE`.
        package let name: [UInt8]
        /// How much is used; of STORAGE in units of 1024 octets.
        package let usage: UInt64
        /// How much there may be, in the same units.
        package let limit: UInt64

        /// Whether it is what messages take (RFC 9208 5.1).
        package var isStorage: Bool { ASCII.equal(name, "STORAGE") }
    }

    /// The root's name.
    package let root: [UInt8]
    /// Its resources.
    package let resources: [Resource]

    /// Reads what stands behind the word; nil where it makes no sense.
    static func reading(_ tokens: inout IMAPTokens) -> IMAPQuota? {
        guard let root = tokens.takeNString(), tokens.take(.open) else { return nil }
        var resources: [Resource] = []
        while let name = tokens.takeAtom() {
            guard let usage = tokens.takeAtom().flatMap(IMAPNumber.size),
                let limit = tokens.takeAtom().flatMap(IMAPNumber.size),
                resources.count < IMAPLimits.quotaResourcesMax,
                name.count <= IMAPLimits.capabilityOctetsMax
            else { return nil }
            resources.append(Resource(name: Array(name), usage: usage, limit: limit))
        }
        guard tokens.take(.close) else { return nil }
        return IMAPQuota(
            root: Array(root.prefix(IMAPLimits.idOctetsMax)),
            resources: resources
        )
    }
}
