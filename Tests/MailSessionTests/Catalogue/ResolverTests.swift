// G06 of the catalogue (reliability.md 2.G): names that do not resolve, and dead addresses.

import IMAP
import MailModel
import MailTestSupport
import NIOCore
import NIOPosix
import Testing

@testable import MailSession

/// A resolver that knows what it is told; it fails where it knows nothing.
private struct FixedResolver: Resolver, Sendable {
    var addresses4: [SocketAddress] = []
    var addresses6: [SocketAddress] = []

    private struct Unknown: Error {}

    private func answer(_ addresses: [SocketAddress]) -> EventLoopFuture<[SocketAddress]> {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        guard !addresses.isEmpty else { return loop.makeFailedFuture(Unknown()) }
        return loop.makeSucceededFuture(addresses)
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        answer(addresses4)
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        answer(addresses6)
    }

    func cancelQueries() {}
}

@Suite struct ResolverTests {
    private func server(_ resolver: FixedResolver) throws -> MailServer {
        let endpoint = Endpoint(host: "imap.test.com", port: 143, protection: .none)
        var server = try MailServer(endpoint, caFile: nil, pins: [])
        server.resolver = resolver
        return server
    }

    @Test("G06: a name that does not resolve is a failure that passes, and is named")
    func unknown() async throws {
        let server = try server(FixedResolver())
        let credential = try credential()
        let error = await #expect(throws: SessionError.self) {
            _ = try await IMAPSession(server, credential: credential)
        }
        guard case .unreachable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "imap.test.com:143: the host name cannot be resolved")
        #expect(error?.isTemporary == true)
    }

    @Test("G06: of many addresses the one that lives is found, dead AAAA or not")
    func deadAddresses() async throws {
        let script = try ScriptedServer([imapLogin() + [.hold]])
        let living = try SocketAddress(ipAddress: "127.0.0.1", port: script.port)
        let deadPort = DeadPort()
        let silent = try SocketAddress(ipAddress: "127.0.0.1", port: deadPort.port)
        // Nobody listens at port 1; the kernel refuses at once.
        let refusing = try (1...5).map { try SocketAddress(ipAddress: "127.0.0.\($0)", port: 1) }
        let server = try server(
            FixedResolver(
                addresses4: [silent] + refusing + [living],
                addresses6: [try SocketAddress(ipAddress: "::1", port: 1)]
            )
        )
        let session = try await IMAPSession(server, credential: credential())
        // Each dead one costs 250 ms (RFC 8305 5), not the time that all of them have together.
        #expect(script.connections == 1)
        #expect(!session.isAddressGone)
        session.close()
    }
}
