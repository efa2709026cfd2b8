// Getting attachments: which parts, where to, under which name. Octets pass through, none are kept.

import BrokerProtocol
import Glibc
import MailModel

/// `ID` or `ID:PART` on the command line.
package struct PartReference: Sendable, Equatable {
    /// Most octets of a section number that is passed on.
    private static let sectionOctetsMax = 64

    /// The message.
    package let id: MessageID
    /// The section number, or nil for every attachment.
    package let part: String?

    /// Reads `4831` or `4831:2.1`; nil for anything else.
    package init?(argument: String) {
        let octets = Array(argument.utf8)
        let colon = octets.firstIndex(of: UInt8(ascii: ":")) ?? octets.count
        guard let id = MessageID(argument: String(decoding: octets[..<colon], as: UTF8.self)) else {
            return nil
        }
        self.id = id
        guard colon < octets.count else {
            part = nil
            return
        }
        let section = octets[(colon + 1)...]
        guard !section.isEmpty, section.count <= Self.sectionOctetsMax,
            section.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        part = String(decoding: section, as: UTF8.self)
    }
}

/// One part that was got.
package struct FetchedPart: Sendable, Encodable {
    /// The message.
    package let id: Int64
    /// The section number.
    package let part: String
    /// The media type.
    package let type: String
    /// The name the sender gave it; not safe as a path.
    package let name: String?
    /// Where it is now; nil when it went to standard output.
    package let path: String?
    /// Octets.
    package let size: Int64
    /// SHA-256 in lower-case hexadecimal.
    package let sha256: String
    /// Octets, as transferred, that the mail server announced and did not send; nil for none.
    package let missing: Int64?
}

/// Gets parts of messages through a session.
struct AttachmentFetch {
    let session: Session
    let hasProgress: Bool

    /// The parts a reference means: the one named, or every attachment.
    func parts(of reference: PartReference) throws -> [PartInfo] {
        let id = reference.id.number
        let parts = try session.call(MessageParts.self, MessageParts.Params(id: id)).parts
        guard let wanted = reference.part else { return parts.filter(\.attachment) }
        guard let part = parts.first(where: { Program.same($0.part, wanted) }) else {
            throw BrokerError(.partNotFound, "message \(id) has no part \(wanted)")
        }
        return [part]
    }

    /// Streams a part into a new file of a directory.
    ///
    /// `name` is the name to take, and no other; nil for the sender's, made safe.
    func save(
        _ part: PartInfo,
        of id: Int64,
        in directory: SaveDirectory,
        as name: String? = nil
    ) throws -> FetchedPart {
        let file = try directory.newFile()
        let safe = FileName.safe(part.name ?? "", mediaType: part.type)
        let summary = try stream(part, of: id, label: name ?? safe) { try file.write($0) }
        let origin = "mailbroker:message/\(id)/\(part.part)"
        let final = try file.commit(name: name ?? safe, origin: origin, isNumbered: name == nil)
        return fetched(part, id, summary, path: Self.path(directory.path, final))
    }

    /// Streams a part to standard output.
    func copy(_ part: PartInfo, of id: Int64) throws -> FetchedPart {
        let output = session.output
        let summary = try stream(part, of: id, label: "part \(part.part)") { try output.write($0) }
        return fetched(part, id, summary, path: nil)
    }

    private func fetched(
        _ part: PartInfo,
        _ id: Int64,
        _ summary: OctetsSummary,
        path: String?
    ) -> FetchedPart {
        FetchedPart(
            id: id,
            part: part.part,
            type: part.type,
            name: part.name,
            path: path,
            size: summary.size,
            sha256: summary.sha256,
            missing: summary.missing
        )
    }

    private func stream(
        _ part: PartInfo,
        of id: Int64,
        label: String,
        to write: @escaping ([UInt8]) throws -> Void
    ) throws -> OctetsSummary {
        let bar = ProgressBar(name: label, total: part.size)
        let line =
            hasProgress
            ? ProgressLine(bar, output: session.talk, columns: session.screen.columns) : nil
        defer { try? line?.clear() }
        var received: Int64 = 0
        let params = PartFetch.Params(
            id: id,
            part: part.part,
            stream: try session.newStream()
        )
        let summary = try session.call(
            PartFetch.self,
            params,
            download: { octets in
                try write(octets)
                received += Int64(octets.count)
                try line?.update(done: received)
            }
        )
        guard summary.size == received else {
            throw FrontEndError.incomplete("\(received) of \(summary.size) octets came")
        }
        try session.warnIfIncomplete(summary, label)
        return summary
    }

    /// A name in a directory, for what is told.
    static func path(_ directory: String, _ name: String) -> String {
        if Program.same(directory, ".") { return name }
        return directory.utf8.last == UInt8(ascii: "/") ? directory + name : "\(directory)/\(name)"
    }
}
