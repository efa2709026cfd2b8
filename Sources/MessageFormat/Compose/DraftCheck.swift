// The gate in front of everything we write: no octet of a draft reaches a header before it has
// passed here (reliability.md B20, B22, B25). Refuses; never repairs, because a repaired subject is
// not the caller's.

import MailModel

/// The checks of a draft's fields.
enum DraftCheck {
    /// Text for a header: UTF-8 without C0 controls and DEL.
    ///
    /// U+0085 and U+2028 pass: they are written as encoded words and are no line ends on the wire.
    static func headerText(
        _ octets: [UInt8],
        field: String,
        index: Int? = nil,
        octetsMax: Int = MessageFormatLimits.headerTextOctetsMax
    ) throws(MessageFormatError) {
        guard octets.count <= octetsMax else {
            throw MessageFormatError(
                field: field,
                index: index,
                reason: .tooLong(octetsMax: octetsMax)
            )
        }
        if let offset = octets.firstIndex(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw MessageFormatError(
                field: field,
                index: index,
                reason: .forbiddenOctet(octets[offset], offset: offset)
            )
        }
        try utf8(octets, field: field, index: index)
    }

    /// Text for a body: UTF-8 without NUL.
    static func bodyText(_ octets: [UInt8], field: String) throws(MessageFormatError) {
        if let offset = octets.firstIndex(of: 0) {
            throw MessageFormatError(field: field, reason: .forbiddenOctet(0, offset: offset))
        }
        try utf8(octets, field: field, index: nil)
    }

    /// Mailboxes: names as header text, addresses in ASCII, not too many.
    static func mailboxes(
        _ mailboxes: [Draft.Mailbox],
        field: String
    ) throws(MessageFormatError) {
        let limit = MessageFormatLimits.recipientsMax
        guard mailboxes.count <= limit else {
            throw MessageFormatError(field: field, reason: .tooMany(countMax: limit))
        }
        for (index, mailbox) in mailboxes.enumerated() {
            let place = mailboxes.count > 1 ? index : nil
            if let name = mailbox.name {
                try headerText(name, field: "\(field) name", index: place)
            }
            if mailbox.address.needsUTF8 {
                throw MessageFormatError(field: field, index: place, reason: .needsUTF8Address)
            }
        }
    }

    /// Message ids that may be written.
    static func messageIDs(_ ids: [String], field: String) throws(MessageFormatError) {
        let limit = MessageFormatLimits.referencesMax
        guard ids.count <= limit else {
            throw MessageFormatError(field: field, reason: .tooMany(countMax: limit))
        }
        for (index, id) in ids.enumerated() {
            if let fault = MessageIDs.fault(in: Array(id.utf8)) {
                throw MessageFormatError(
                    field: field,
                    index: ids.count > 1 ? index : nil,
                    reason: fault
                )
            }
        }
    }

    /// Names and types of attachments.
    static func attachments(_ attachments: [DraftAttachment]) throws(MessageFormatError) {
        let limit = MessageFormatLimits.attachmentsMax
        guard attachments.count <= limit else {
            throw MessageFormatError(field: "attachments", reason: .tooMany(countMax: limit))
        }
        for (index, attachment) in attachments.enumerated() {
            let place = attachments.count > 1 ? index : nil
            guard !attachment.name.isEmpty else {
                throw MessageFormatError(field: "attachment name", index: place, reason: .empty)
            }
            try headerText(
                attachment.name,
                field: "attachment name",
                index: place,
                octetsMax: MessageFormatLimits.attachmentNameOctetsMax
            )
            if let type = attachment.mediaType, !MediaType.isAttachable(type) {
                throw MessageFormatError(
                    field: "attachment type",
                    index: place,
                    reason: .unsupportedMediaType
                )
            }
        }
    }

    private static func utf8(
        _ octets: [UInt8],
        field: String,
        index: Int?
    ) throws(MessageFormatError) {
        guard String(validating: octets, as: UTF8.self) == nil else { return }
        throw MessageFormatError(
            field: field,
            index: index,
            reason: .invalidUTF8(offset: UTF8Text.firstFault(in: octets) ?? 0)
        )
    }
}

/// UTF-8 by scalars.
enum UTF8Text {
    /// Where the first ill-formed sequence begins; nil for valid UTF-8.
    static func firstFault(in octets: [UInt8]) -> Int? {
        var decoder = UTF8()
        var iterator = octets.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }

    /// How many octets the scalar has that a leading octet of valid UTF-8 begins.
    static func length(leading octet: UInt8) -> Int {
        switch octet {
        case 0xF0...0xFF: 4
        case 0xE0...0xEF: 3
        case 0xC0...0xDF: 2
        default: 1
        }
    }
}
