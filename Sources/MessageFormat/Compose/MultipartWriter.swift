// The frames of multipart messages (RFC 2046 5.1). A frame is put around parts that are finished,
// from the innermost outwards; no part is looked into.

import MailModel

/// A finished part: its own header fields and its body.
struct Entity {
    /// The `Content-` fields.
    var fields: [UInt8]
    /// The body.
    var segments: [MessageComposer.Segment]
    /// Whether the body holds octets from 0x80 on.
    var isEightBit = false
}

/// Puts parts together.
enum MultipartWriter {
    /// How every line begins that is a delimiter of ours.
    static let delimiterStart = Array("--=_".utf8)

    /// A multipart of a subtype around parts.
    ///
    /// The boundary is `=_` and 128 random bits. Texts never hold a line that begins so
    /// (`TextBody`), and base64 cannot spell it. An attached message may, being sent as it is; but
    /// it was complete before the bits were drawn, so that one of its lines equals the delimiter
    /// with a chance of 2^-128. All boundaries have one length: none is the beginning of another.
    static func entity(
        _ subtype: String,
        _ parts: [Entity],
        parameters: [[UInt8]] = [],
        using generator: inout some RandomNumberGenerator
    ) -> Entity {
        let boundary = Array("=_\(RandomHex.digits(using: &generator))".utf8)
        let isEightBit = parts.contains(where: \.isEightBit)
        var writer = HeaderWriter()
        writer.parameters(
            "Content-Type",
            "multipart/\(subtype)",
            parameters + [ParameterWriter.quoted("boundary", boundary)]
        )
        // RFC 2045 6.4: a composite names the widest encoding of its parts, and 7bit is implied.
        if isEightBit { writer.field("Content-Transfer-Encoding", "8bit") }
        return Entity(
            fields: writer.octets,
            segments: body(of: parts, boundary: boundary),
            isEightBit: isEightBit
        )
    }

    private static func body(
        of parts: [Entity],
        boundary: [UInt8]
    ) -> [MessageComposer.Segment] {
        let lineEnd = [ASCII.cr, ASCII.lf]
        let delimiter = Array("--".utf8) + boundary
        var segments: [MessageComposer.Segment] = []
        for (index, part) in parts.enumerated() {
            let start = index == 0 ? [] : lineEnd
            append(start + delimiter + lineEnd + part.fields + lineEnd, to: &segments)
            for segment in part.segments {
                switch segment {
                case .octets(let octets): append(octets, to: &segments)
                case .attachment: segments.append(segment)
                }
            }
        }
        append(lineEnd + delimiter + Array("--".utf8) + lineEnd, to: &segments)
        return segments
    }

    /// Appends octets, to the last segment where that holds octets too.
    private static func append(_ octets: [UInt8], to segments: inout [MessageComposer.Segment]) {
        if case .octets(let last)? = segments.last {
            segments[segments.count - 1] = .octets(last + octets)
        } else {
            segments.append(.octets(octets))
        }
    }
}
