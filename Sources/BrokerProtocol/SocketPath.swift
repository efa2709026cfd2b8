// Where the broker's socket is (design.md section 4, reliability.md 1.3). Both ends compute the
// same path from the same environment; neither end trusts what it finds there without a check of
// owner and peer, which the client and the server make themselves.

/// The place of the broker's socket.
package struct SocketPath: Sendable, Equatable {
    /// The path of the socket.
    package let path: String
    /// The directory it stands in, mode 0700; nil when `MAILBROKER_SOCKET` names the socket.
    package let directory: String?

    /// The environment variable that names the socket.
    package static let variable = "MAILBROKER_SOCKET"

    /// The place by `MAILBROKER_SOCKET`, else `XDG_RUNTIME_DIR`, else the home directory.
    ///
    /// Relative paths are ignored, as the XDG base directory specification asks; nil when not even
    /// HOME is there.
    package init?(environment: (String) -> String?) {
        if let named = Self.absolute(environment(Self.variable)) {
            path = named
            directory = nil
            return
        }
        let base: String
        if let runtime = Self.absolute(environment("XDG_RUNTIME_DIR")) {
            base = runtime + "/mailbroker"
        } else if let home = Self.absolute(environment("HOME")) {
            base = home + "/.local/state/mailbroker/run"
        } else {
            return nil
        }
        directory = base
        path = base + "/broker.sock"
    }

    private static func absolute(_ value: String?) -> String? {
        guard let value, value.utf8.first == UInt8(ascii: "/") else { return nil }
        return value
    }
}
