// What servers do differently from what they say. Each line has its source in protocols.md section
// 5; a profile is chosen by capabilities, never by the name of a host alone.

import IMAP

/// What is known of a kind of server.
struct ServerProfile: Sendable, Equatable {
    /// Whether QRESYNC is to be switched on.
    let usesQRESYNC: Bool
    /// Whether NOTIFY tells of every mailbox over one connection.
    let usesNOTIFY: Bool
    /// Whether messages have labels.
    let hasLabels: Bool

    /// The profile of a server after its login.
    init(_ summary: IMAPServerSummary) {
        hasLabels = summary.has("X-GM-EXT-1")
        // QUIRK 32: iCloud's VANISHED names messages that are still there.
        let isICloud = summary.has("XAPPLEPUSHSERVICE")
        usesQRESYNC = summary.has("QRESYNC") && summary.has("ENABLE") && !isICloud
        // QUIRK 49: Dovecot 2.3 tells of the open mailbox only while it idles. QUIRK 104 (measured
        // 2026-11-26): it writes an untagged STATUS into the middle of a literal that waits for a
        // slow reader, so NOTIFY is on only while the connection waits for news (`hush`).
        usesNOTIFY = summary.has("NOTIFY") && summary.has("IDLE")
    }
}
