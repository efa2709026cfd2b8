// Finding octets fast. Lines are what messages are made of, and looking for their ends is most of
// the work of reading one, so it is left to the C library.

import Glibc
import MailModel

/// Searches in the octets of a message.
enum LineScan {
    /// The index of an octet from `start` on and before `limit`; nil where it is not there.
    @inline(__always)
    static func index(
        of octet: UInt8,
        in octets: [UInt8],
        from start: Int,
        limit: Int
    ) -> Int? {
        guard start >= 0, start < limit, limit <= octets.count else { return nil }
        return octets.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(octet), limit - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// The index of an octet from `start` on; nil where it is not there.
    @inline(__always)
    static func index(
        of octet: UInt8,
        in octets: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> Int? {
        guard start < octets.count, let base = octets.baseAddress,
            let found = memchr(base + start, Int32(octet), octets.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Copies a range of octets; there must be room for it.
    @inline(__always)
    static func copy(
        _ source: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        to target: UnsafeMutableBufferPointer<UInt8>,
        at index: Int
    ) {
        precondition(range.upperBound <= source.count && index + range.count <= target.count)
        guard !range.isEmpty, let from = source.baseAddress, let to = target.baseAddress else {
            return
        }
        memcpy(to + index, from + range.lowerBound, range.count)
    }

    /// The index behind the LF of the line that holds `start`; `limit` for the last line.
    @inline(__always)
    static func lineEnd(in octets: [UInt8], from start: Int, limit: Int) -> Int {
        index(of: ASCII.lf, in: octets, from: start, limit: limit).map { $0 + 1 } ?? limit
    }

    /// Where the line end begins that stands directly before `end`: CRLF or LF; `end` for none.
    static func lineEndStart(in octets: [UInt8], before end: Int, notBefore start: Int) -> Int {
        guard end > start, octets[end - 1] == ASCII.lf else { return end }
        guard end - 1 > start, octets[end - 2] == ASCII.cr else { return end - 1 }
        return end - 2
    }
}
