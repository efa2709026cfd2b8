// Where both ends look for the socket.

import BrokerProtocol
import Testing

@Suite struct SocketPathTests {
    private func place(_ environment: [String: String]) -> SocketPath? {
        SocketPath { environment[$0] }
    }

    @Test("MAILBROKER_SOCKET names the socket itself")
    func named() {
        let place = place([
            "MAILBROKER_SOCKET": "/x/y.sock", "XDG_RUNTIME_DIR": "/run/user/1", "HOME": "/home/a",
        ])
        #expect(place?.path == "/x/y.sock")
        #expect(place?.directory == nil)
    }

    @Test("XDG_RUNTIME_DIR comes before HOME")
    func runtimeDirectory() {
        let place = place(["XDG_RUNTIME_DIR": "/run/user/1", "HOME": "/home/a"])
        #expect(place?.path == "/run/user/1/mailbroker/broker.sock")
        #expect(place?.directory == "/run/user/1/mailbroker")
    }

    @Test("without a runtime directory the socket is below HOME")
    func home() {
        let place = place(["HOME": "/home/a"])
        #expect(place?.path == "/home/a/.local/state/mailbroker/run/broker.sock")
        #expect(place?.directory == "/home/a/.local/state/mailbroker/run")
    }

    @Test("relative and empty values are passed over", arguments: ["", "x", "./x", "~/x", "../x"])
    func relative(_ value: String) {
        let place = place([
            "MAILBROKER_SOCKET": value, "XDG_RUNTIME_DIR": value, "HOME": "/home/a",
        ])
        #expect(place?.directory == "/home/a/.local/state/mailbroker/run")
        #expect(self.place(["HOME": value]) == nil)
    }

    @Test("an empty environment has no place")
    func nothing() {
        #expect(place([:]) == nil)
    }
}
