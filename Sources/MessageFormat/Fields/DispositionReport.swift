// A notice that a message was displayed, deleted or the like. Read only: no such notice is ever
// sent without being asked for by the user.

import MailModel

/// The content of a message/disposition-notification part (RFC 8098).
package struct DispositionReport: Sendable, Hashable {
    /// The program that wrote it, or nil.
    package let reportingUA: String?
    /// The recipient as the sender wrote it, or nil.
    package let originalRecipient: ReportValue?
    /// The recipient that the notice is about, or nil.
    package let finalRecipient: ReportValue?
    /// The id of the message it is about, without brackets, or nil.
    package let originalMessageID: String?
    /// What happened, in lower case: `displayed`, `deleted`, `dispatched`, `processed`; or nil.
    package let disposition: String?
    /// What modifies it, in lower case: `error`.
    package let modifiers: [String]
    /// Whether a program caused the disposition: `automatic-action`.
    package let isAutomaticAction: Bool
    /// Whether the notice was sent without asking the recipient: `MDN-sent-automatically`.
    package let isSentAutomatically: Bool
    /// What went wrong, in the order of the fields Failure, Error and Warning.
    package let faults: [String]

    /// Reads the octets of the part, transfer encoding removed; nil where no disposition is in it.
    package static func parse(_ octets: [UInt8]) -> DispositionReport? {
        guard let fields = ReportFields.groups(octets, max: 1).first,
            let octets = fields.octets("disposition")
        else { return nil }
        let value = CommentStripper.strip(octets)
            .filter { $0 > ASCII.space }.map(ASCII.lowercased)
        let halves = value.split(
            separator: UInt8(ascii: ";"),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        // RFC 8098 3.2.6: `action-mode/sending-mode; type/modifier,modifier`.
        let modes = words(halves.count == 2 ? halves[0] : [], separator: UInt8(ascii: "/"))
        let outcome = words(halves.last ?? [], separator: UInt8(ascii: "/"))
        let modifiers = outcome.dropFirst().flatMap { words($0[...], separator: UInt8(ascii: ",")) }
        return DispositionReport(
            reportingUA: fields.text("reporting-ua"),
            originalRecipient: fields.typed("original-recipient"),
            finalRecipient: fields.typed("final-recipient"),
            originalMessageID: fields.octets("original-message-id").flatMap {
                MessageIDs.parse($0).first
            },
            disposition: outcome.first.map(Charset.guess),
            modifiers: modifiers.map(Charset.guess),
            isAutomaticAction: modes.contains { ASCII.equal($0, "automatic-action") },
            isSentAutomatically: modes.contains { ASCII.equal($0, "mdn-sent-automatically") },
            faults: fields.texts("failure") + fields.texts("error") + fields.texts("warning")
        )
    }

    private static func words(_ octets: ArraySlice<UInt8>, separator: UInt8) -> [[UInt8]] {
        octets.split(separator: separator).map(Array.init)
    }
}
