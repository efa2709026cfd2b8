// The gate in front of everything we write: no octet of a draft reaches a header before it has
// passed here (reliability.md B20, B22, B25). Refuses; never repairs, because a repaired subject is
// not the caller's.

package import MailModel

/// The checks of a draft's fields.
package enum DraftCheck {
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
        let limit = MessageFormatLimits.bodyTextOctetsMax
        guard octets.count <= limit else {
            throw MessageFormatError(field: field, reason: .tooLong(octetsMax: limit))
        }
        if let offset = octets.firstIndex(of: 0) {
            throw MessageFormatError(field: field, reason: .forbiddenOctet(0, offset: offset))
        }
        try utf8(octets, field: field, index: nil)
    }

    /// Mailboxes: names as header text, addresses that the form of the wire allows, not too many.
    static func mailboxes(
        _ mailboxes: [Draft.Mailbox],
        field: String,
        form: WireForm
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
            if let fault = fault(in: mailbox.address, form: form) {
                throw MessageFormatError(field: field, index: place, reason: fault)
            }
        }
    }

    /// Refuses a recipient whom no header of ours would name: one with what nobody can see.
    package static func recipient(_ address: AddrSpec) throws(MessageFormatError) {
        guard let fault = fault(in: address, form: .internationalized) else { return }
        throw MessageFormatError(field: "recipients", reason: fault)
    }

    /// What keeps an address out of a header, beyond what `AddrSpec` refuses.
    static func fault(
        in address: AddrSpec,
        form: WireForm
    ) -> MessageFormatError.Reason? {
        guard address.needsUTF8 else { return nil }
        guard form.allowsUTF8Addresses else { return .needsUTF8Address }
        if let offset = UTF8Text.firstFault(in: address.octets) {
            return .invalidUTF8(offset: offset)
        }
        return UTF8Text.firstInvisible(in: address.octets)
            .map { .forbiddenOctet(address.octets[$0], offset: $0) }
    }

    /// Further fields: names that may be added, values as header text.
    static func headers(_ headers: [Draft.Header]) throws(MessageFormatError) {
        let limit = MessageFormatLimits.addedHeadersMax
        guard headers.count <= limit else {
            throw MessageFormatError(field: "headers", reason: .tooMany(countMax: limit))
        }
        for (index, header) in headers.enumerated() {
            let place = headers.count > 1 ? index : nil
            if let fault = HeaderName.fault(in: header.name) {
                throw MessageFormatError(field: "header name", index: place, reason: fault)
            }
            try headerText(header.value, field: "header value", index: place)
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

    /// Names, types and content ids of attachments.
    static func attachments(_ attachments: [DraftAttachment]) throws(MessageFormatError) {
        let limit = MessageFormatLimits.attachmentsMax
        guard attachments.count <= limit else {
            throw MessageFormatError(field: "attachments", reason: .tooMany(countMax: limit))
        }
        var contentIDs: Set<String> = []
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
            if attachment.message == nil, let type = attachment.mediaType,
                !MediaType.isAttachable(type)
            {
                throw MessageFormatError(
                    field: "attachment type",
                    index: place,
                    reason: .unsupportedMediaType
                )
            }
            guard let id = attachment.contentID else { continue }
            if let fault = contentIDFault(id, isNew: contentIDs.insert(id).inserted) {
                throw MessageFormatError(field: "content-id", index: place, reason: fault)
            }
        }
    }

    /// A content id has the form of a message id (RFC 2045 7) and stands in a message once.
    private static func contentIDFault(_ id: String, isNew: Bool) -> MessageFormatError.Reason? {
        let octets = Array(id.utf8)
        if let fault = MessageIDs.fault(in: octets) { return fault }
        let dotAtomText = { (octet: UInt8) in
            HeaderWriter.isAtomText(octet) || "@.".utf8.contains(octet)
        }
        if let bad = octets.firstIndex(where: { !dotAtomText($0) }) {
            return .forbiddenOctet(octets[bad], offset: bad)
        }
        let halves = octets.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty }) else {
            return .malformedContentID
        }
        return isNew ? nil : .repeated
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

    /// Where the first scalar stands that people cannot see: controls, separators, zero-width and
    /// bidirectional marks; nil for none.
    ///
    /// The octets are valid UTF-8.
    static func firstInvisible(in octets: [UInt8]) -> Int? {
        var offset = 0
        for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x7F...0xA0, 0xAD, 0x61C, 0x180E, 0x2000...0x200F, 0x2028...0x202F,
                0x205F...0x206F, 0x3000, 0xFE00...0xFE0F, 0xFEFF, 0xFFF9...0xFFFB,
                0xE0000...0xE0FFF:
                return offset
            default: offset += UTF8.width(scalar)
            }
        }
        return nil
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
