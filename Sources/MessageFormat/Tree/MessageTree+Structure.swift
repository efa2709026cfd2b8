// The tree as IMAP numbers and describes it, so that what chooses the text and the attachments
// works alike on a local file and on a server's BODYSTRUCTURE.

package import MailModel

extension MessageTree {
    /// The IMAP section number of a part (RFC 3501 6.4.5): `1`, `2.1`; empty for a multipart at the
    /// top.
    ///
    /// The body of a message that is a multipart has the number of the message it stands in.
    package func section(of index: Int) -> String {
        var numbers: [Int] = []
        var current = index
        while let parent = parts[current].parent {
            if parts[parent].kind != .message {
                numbers.append(parts[current].ordinal)
            } else if parts[current].kind != .multipart {
                numbers.append(1)
            }
            current = parent
        }
        if parts[current].kind != .multipart { numbers.append(1) }
        return numbers.reversed().map { String($0) }.joined(separator: ".")
    }

    /// The file name of a part, decoded, as the sender wrote it; nil where it has none.
    package func fileName(of index: Int) -> String? {
        let header = header(of: index)
        return ParameterList.fileName(
            disposition: header.first("content-disposition")
                .map { ContentDispositionField.parse($0.rawValue).parameters.pairs } ?? [],
            contentType: header.first("content-type")
                .map { ContentTypeField.parse($0.rawValue).parameters.pairs } ?? []
        )
    }

    /// The parts in the form of a BODYSTRUCTURE.
    package var structure: BodyStructure {
        BodyStructure(parts: parts.indices.map(bodyPart), isTruncated: isTruncated)
    }

    /// A part in the form of a BODYSTRUCTURE.
    package func bodyPart(_ index: Int) -> BodyPart {
        let part = parts[index]
        let header = header(of: index)
        let disposition = header.first("content-disposition")
            .map { ContentDispositionField.parse($0.rawValue) }
        return BodyPart(
            section: section(of: index),
            type: part.type,
            subtype: part.subtype,
            parameters: header.first("content-type")
                .map { ContentTypeField.parse($0.rawValue).parameters.pairs } ?? [],
            encoding: encoding(of: index),
            size: part.kind == .multipart ? 0 : UInt64(part.body.count),
            disposition: disposition?.token,
            dispositionParameters: disposition?.parameters.pairs ?? [],
            contentID: header.first("content-id")?.unfolded,
            depth: part.depth
        )
    }
}
