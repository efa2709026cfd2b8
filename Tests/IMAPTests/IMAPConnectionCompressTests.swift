// COMPRESS=DEFLATE (RFC 4978) as the machine sees it: when it is asked for, and what may follow.

import Testing

@testable import IMAP

@Suite struct IMAPConnectionCompressTests {
    private static let offered = "* PREAUTH [CAPABILITY IMAP4rev1 ID COMPRESS=DEFLATE] in\r\n"

    private func machine(compresses: Bool = true) -> IMAPConnection {
        IMAPConnection(security: .preauthenticated, credential: nil, compresses: compresses)
    }

    /// What actions do, in short.
    private func told(_ actions: [IMAPConnection.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .write(let octets):
                "write "
                    + String(decoding: octets, as: UTF8.self).prefix { $0 != "(" }
                    .trimmingSuffix()
            case .compress: "compress"
            case .ready: "ready"
            case .failed(let error): "failed \(error.code)"
            default: "\(action)"
            }
        }
    }

    @Test("it is asked for behind the login and before anything else, and begins with the OK")
    func begins() {
        var machine = machine()
        #expect(told(machine.receive(Array(Self.offered.utf8))) == ["write A0001 COMPRESS DEFLATE"])
        let answer = told(machine.receive(Array("A0001 OK now\r\n".utf8)))
        #expect(answer == ["compress", "write A0002 ID"])
        #expect(told(machine.receive(Array("A0002 OK\r\n".utf8))) == ["ready"])
    }

    @Test("it is not asked for where it is not wanted or not offered")
    func unwanted() {
        var unwanting = machine(compresses: false)
        #expect(told(unwanting.receive(Array(Self.offered.utf8))) == ["write A0001 ID"])
        var wanting = machine()
        let greeting = Array("* PREAUTH [CAPABILITY IMAP4rev1] in\r\n".utf8)
        #expect(told(wanting.receive(greeting)) == ["ready"])
    }

    @Test("a server that refuses goes on without", arguments: ["NO [COMPRESSIONACTIVE] no", "BAD"])
    func refused(answer: String) {
        var machine = machine()
        _ = machine.receive(Array(Self.offered.utf8))
        let next = told(machine.receive(Array("A0001 \(answer)\r\n".utf8)))
        #expect(next == ["write A0002 ID"])
    }

    @Test("octets in clear behind the OK end the connection: they could be anybody's")
    func injected() {
        var machine = machine()
        _ = machine.receive(Array(Self.offered.utf8))
        let octets = Array("A0001 OK now\r\n* OK injected\r\n".utf8)
        #expect(told(machine.receive(octets)) == ["failed compressionDamaged"])
    }
}

extension Substring {
    /// Without the spaces and line ends behind it.
    fileprivate func trimmingSuffix() -> Substring {
        var rest = self
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}
