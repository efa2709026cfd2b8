// Attachments of any size on their way into a message: files in base64, in lines of 76 characters
// (RFC 2045 6.8), messages as they are (RFC 2046 5.2.1). Streams; holds back less than one line.

import MailModel

/// A streaming encoder of one attachment.
///
/// Base64 lines are divided by CRLF; the last one has none, as the line end in front of a boundary
/// belongs to the boundary (RFC 2046 5.1.1).
package struct AttachmentEncoder: Sendable {
    /// Octets of content in one line.
    package static let lineOctets = 57
    /// Characters of one line.
    private static let lineCharacters = 76

    private var held: [UInt8] = []
    private var isFirstLine = true
    /// For a message that is sent as it is: what was promised, and what came so far.
    private let promised: ContentScan?
    private var seen = ContentScan()

    /// An encoder at the start of a file.
    package init() {
        promised = nil
        held.reserveCapacity(Self.lineOctets)
    }

    /// One that passes a message on as it is, with CRLF line ends.
    init(passing scan: ContentScan) { promised = scan }

    /// Whether the octets so far are those of which the composer was told.
    ///
    /// To be asked before `finish`. Where it is false a message has changed since it was scanned,
    /// and what was written of it must not be sent.
    package var isAsPromised: Bool { promised == nil || promised == seen }

    /// How many octets a file of a size has when encoded; saturating.
    package static func encodedCount(of count: UInt64) -> UInt64 {
        let lines = count / UInt64(lineOctets)
        let rest = count % UInt64(lineOctets)
        let (full, overflow) = lines.multipliedReportingOverflow(by: UInt64(lineCharacters + 2))
        let (sum, carry) = full.addingReportingOverflow((rest + 2) / 3 * 4)
        guard !overflow, !carry else { return .max }
        return rest == 0 && lines > 0 ? sum - 2 : sum
    }

    /// The encoded lines that the next chunk completes.
    package mutating func encode(_ chunk: [UInt8]) -> [UInt8] {
        guard promised == nil else { return passed(chunk) }
        var start = 0
        var output: [UInt8] = []
        output.reserveCapacity((held.count + chunk.count) / Self.lineOctets * 78 + 78)
        if !held.isEmpty {
            start = min(Self.lineOctets - held.count, chunk.count)
            held += chunk[..<start]
            guard held.count == Self.lineOctets else { return [] }
            appendLines(of: held[...], to: &output)
            held.removeAll(keepingCapacity: true)
        }
        let whole = (chunk.count - start) / Self.lineOctets * Self.lineOctets
        appendLines(of: chunk[start..<(start + whole)], to: &output)
        held += chunk[(start + whole)...]
        return output
    }

    /// The last line, if one is begun; the encoder is then as new.
    package mutating func finish() -> [UInt8] {
        defer { self = promised.map(AttachmentEncoder.init(passing:)) ?? AttachmentEncoder() }
        guard !held.isEmpty else { return [] }
        return (isFirstLine ? [] : [ASCII.cr, ASCII.lf]) + Self.base64(held)
    }

    /// The octets with CRLF for LF.
    ///
    /// There is no bare CR among them, or they are not as promised.
    private mutating func passed(_ chunk: [UInt8]) -> [UInt8] {
        seen.scan(chunk)
        guard promised?.bareLFCount ?? 0 > 0 else { return chunk }
        var output: [UInt8] = []
        output.reserveCapacity(chunk.count + chunk.count / 16)
        for octet in chunk {
            if octet == ASCII.lf { output.append(ASCII.cr) }
            output.append(octet)
        }
        return output
    }

    /// Octets in base64 without line ends.
    static func base64(_ octets: [UInt8]) -> [UInt8] {
        let capacity = (octets.count + 2) / 3 * 4
        return [UInt8](unsafeUninitializedCapacity: capacity) { output, written in
            octets.withUnsafeBufferPointer { written = encode($0, to: output) }
        }
    }

    /// Appends whole lines, each with a CRLF in front of it but the first of all.
    private mutating func appendLines(of octets: ArraySlice<UInt8>, to output: inout [UInt8]) {
        let lines = octets.count / Self.lineOctets
        guard lines > 0 else { return }
        let isFirst = isFirstLine
        let size = lines * (Self.lineCharacters + 2) - (isFirst ? 2 : 0)
        output += [UInt8](unsafeUninitializedCapacity: size) { buffer, written in
            octets.withUnsafeBufferPointer { input in
                for line in 0..<lines {
                    if line > 0 || !isFirst {
                        buffer[written] = ASCII.cr
                        buffer[written + 1] = ASCII.lf
                        written += 2
                    }
                    let start = line * Self.lineOctets
                    written += Self.encode(
                        UnsafeBufferPointer(rebasing: input[start..<(start + Self.lineOctets)]),
                        to: UnsafeMutableBufferPointer(rebasing: buffer[written...])
                    )
                }
            }
        }
        isFirstLine = false
    }

    private static func encode(
        _ input: UnsafeBufferPointer<UInt8>,
        to output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        Base64Alphabet.octets.withUnsafeBufferPointer { alphabet in
            var index = 0
            var written = 0
            while index + 3 <= input.count {
                let (a, b, c) = (input[index], input[index + 1], input[index + 2])
                output[written] = alphabet[Int(a >> 2)]
                output[written + 1] = alphabet[Int((a & 3) << 4 | b >> 4)]
                output[written + 2] = alphabet[Int((b & 15) << 2 | c >> 6)]
                output[written + 3] = alphabet[Int(c & 63)]
                index += 3
                written += 4
            }
            let rest = input.count - index
            guard rest > 0 else { return written }
            let a = input[index]
            let b = rest == 2 ? input[index + 1] : 0
            output[written] = alphabet[Int(a >> 2)]
            output[written + 1] = alphabet[Int((a & 3) << 4 | b >> 4)]
            output[written + 2] = rest == 2 ? alphabet[Int((b & 15) << 2)] : UInt8(ascii: "=")
            output[written + 3] = UInt8(ascii: "=")
            return written + 4
        }
    }
}
