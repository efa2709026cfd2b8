// Finds out what is to be said about a message: which parts are worth fetching for that, and what
// they say. Most messages have none of them, and cost nothing.

import BrokerProtocol
import MailModel
import MessageFormat

/// Something of a message that has to be looked at.
enum MessagePiece: Sendable {
    /// The decoded content of a part.
    case content(BodyPart)
    /// The header section of a part itself (`MIME` in IMAP).
    case partHeader(BodyPart)
    /// The header section of the message in a part (`HEADER` in IMAP).
    case messageHeader(BodyPart)
}

extension MessageNotes {
    /// The notes about a message.
    ///
    /// - Parameters:
    ///   - structure: the parts.
    ///   - header: the header section, with the fields of `ProtectedHeader`.
    ///   - fetch: gives the octets of a piece, or their beginning.
    /// - Throws: what `fetch` throws.
    init(
        _ structure: BodyStructure,
        header: HeaderBlock,
        _ fetch: @Sendable (MessagePiece) async throws -> [UInt8]
    ) async throws {
        self.init()
        protection = ProtectionKind.of(structure).map(Protection.init)
        if let part = ProtectedHeader.part(of: structure) {
            let inner = HeaderBlock(parsing: try await fetch(.partHeader(part)))
            protected = ProtectedHeader.differences(outer: header, protected: inner)
                .map { ProtectedField(name: $0.name, value: $0.value) }
        }
        let parts = structure.ownParts
        if parts.first?.mediaType == "multipart/report",
            let status = parts.first(where: { Self.statuses.contains($0.mediaType) })
        {
            let report = DeliveryReport.parse(try await fetch(.content(status)))
            let returned = try await Self.returned(parts, fetch)
            bounce = report.map { Bounce(BounceSummary(report: $0, returned: returned)) }
        }
        if let part = parts.first(where: { $0.mediaType == "text/calendar" }) {
            event = CalendarSummary.parse(try await fetch(.content(part))).map(CalendarEvent.init)
        }
    }

    /// Notes an armour that stands in the text itself, unless the structure says more.
    mutating func addArmour(in text: [UInt8]) {
        guard protection == nil, let armour = ProtectionKind.armour(in: text) else { return }
        protection = Protection(
            system: ProtectionKind.System.openPGP.rawValue,
            signed: armour == .signedMessage,
            encrypted: armour == .message
        )
    }

    /// The parts of a report (RFC 3462, and RFC 6533 for those in UTF-8).
    private static let statuses = ["message/delivery-status", "message/global-delivery-status"]
    private static let headers = ["text/rfc822-headers", "message/global-headers"]

    /// The header of the message that a report gives back.
    private static func returned(
        _ parts: [BodyPart],
        _ fetch: @Sendable (MessagePiece) async throws -> [UInt8]
    ) async throws -> [UInt8]? {
        let part = parts.first {
            $0.isMessage || Self.headers.contains($0.mediaType)
        }
        guard let part else { return nil }
        let isHeader = Self.headers.contains(part.mediaType)
        return try await fetch(isHeader ? .content(part) : .messageHeader(part))
    }
}

extension MessageNotes.Protection {
    fileprivate init(_ kind: ProtectionKind) {
        self.init(
            system: kind.system.rawValue,
            signed: kind.signatureSection != nil || kind.opaqueSection != nil,
            encrypted: kind.encryptedSection != nil
        )
    }
}

extension MessageNotes.Bounce {
    fileprivate init(_ bounce: BounceSummary) {
        self.init(
            originalMessageID: bounce.originalMessageID,
            recipients: bounce.recipients.map { recipient in
                Recipient(
                    address: recipient.address,
                    delayed: recipient.isDelayed,
                    status: recipient.status?.text,
                    diagnostic: recipient.diagnostic
                )
            }
        )
    }
}

extension MessageNotes.CalendarEvent {
    fileprivate init(_ event: CalendarSummary) {
        func text(_ moment: CalendarSummary.Moment?) -> String? {
            moment.map { moment in moment.zone.map { "\(moment.text) \($0)" } ?? moment.text }
        }
        self.init(
            method: event.method,
            summary: event.summary,
            start: text(event.start),
            end: text(event.end),
            location: event.location,
            organizer: event.organizer.map { Address(name: $0.name, address: $0.address) }
        )
    }
}
