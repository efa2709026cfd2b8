// A message being composed: two headers in memory (one without Bcc for the wire, one with it for
// Sent) and the body in an unnamed file, so that 60 MB cost no memory, until the outbox has it.

import BrokerProtocol
import CPlatform
import Glibc
import MailModel
import MailStore
import MessageFormat
import SMTP

/// A composed message.
struct OutgoingMessage: Sendable {
    /// The Message-ID without brackets.
    let messageID: String
    /// Who gets it from whom.
    let envelope: SMTPEnvelope
    /// The header as sent.
    let header: [UInt8]
    /// The header of the copy for Sent.
    let headerWithBcc: [UInt8]
    /// The body.
    let body: SpoolFile

    /// Composes a draft, taking its attachments one after the other.
    ///
    /// `attachment` gives the next octets of the attachment with an index, nil at its end.
    init(
        _ draft: Draft,
        spoolDirectory: String,
        attachment: (Int) async throws(BrokerError) -> [UInt8]?
    ) async throws(BrokerError) {
        let composer: MessageComposer
        do {
            composer = try MessageComposer(draft, form: Self.form(of: draft))
        } catch {
            throw BrokerError(.messageInvalid, error.description, field: error.field)
        }
        let file = try SpoolFile(in: spoolDirectory)
        for segment in composer.segments {
            switch segment {
            case .octets(let octets): try file.append(octets)
            case .attachment(let index):
                var encoder = composer.encoder(forAttachment: index)
                while let octets = try await attachment(index) {
                    try file.append(encoder.encode(octets))
                }
                guard encoder.isAsPromised else {
                    throw BrokerError(
                        .messageInvalid,
                        "attachment \(index + 1) changed while it was read",
                        field: "attachments"
                    )
                }
                try file.append(encoder.finish())
            }
        }
        header = composer.header(withBcc: false)
        headerWithBcc = composer.header(withBcc: true)
        body = file
        messageID = draft.messageID
        envelope = SMTPEnvelope(
            sender: draft.from.address,
            recipients: Self.recipients(of: draft),
            size: UInt64(header.count) + UInt64(file.size),
            needs8Bit: composer.needsEightBit
        )
    }

    /// What every server takes, unless an address is not for every server.
    private static func form(of draft: Draft) -> WireForm {
        let mailboxes = [draft.from] + draft.to + draft.cc + draft.bcc
        return mailboxes.contains { $0.address.needsUTF8 } ? .internationalized : .sevenBit
    }

    /// To, Cc and Bcc, each address once.
    private static func recipients(of draft: Draft) -> [AddrSpec] {
        var seen: Set<AddrSpec> = []
        return (draft.to + draft.cc + draft.bcc).map(\.address).filter { seen.insert($0).inserted }
    }
}

/// An unnamed file that disappears with its last user.
final class SpoolFile: @unchecked Sendable {
    // SAFETY: `size` changes only while the one task that composes the message appends; afterwards
    // the file is read by offset alone.
    private let descriptor: Int32
    private(set) var size: Int64 = 0

    init(in directory: String) throws(BrokerError) {
        descriptor = mb_open_spool(directory)
        guard descriptor >= 0 else { throw Self.fault("open a file in \(directory)") }
    }

    deinit { close(descriptor) }

    func append(_ octets: [UInt8]) throws(BrokerError) {
        guard size + Int64(octets.count) <= OutboxLimits.messageOctetsMax else {
            throw BrokerError(.messageInvalid, "the message is larger than 256 MiB")
        }
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(size))
            }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw Self.fault("write the message to disk")
            }
            rest = rest.dropFirst(count)
            size += Int64(count)
        }
    }

    func read(at offset: Int64) throws(BrokerError) -> [UInt8] {
        let wanted = Int(min(Int64(CoreLimits.spoolChunk), size - offset))
        var count = 0
        let octets = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
            count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
            initialized = max(count, 0)
        }
        guard count == wanted else { throw Self.fault("read the message from disk") }
        return octets
    }

    private static func fault(_ what: String) -> BrokerError {
        BrokerError(
            .storageFailed,
            "cannot \(what): \(String(cString: strerror(errno)))",
            temporary: true
        )
    }
}
