// Octets to a descriptor, collected and written whole; a failure is an error, never silence.

import Glibc
import MailModel

/// A buffered writer: standard output, or standard error for talk.
package final class Output {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// A writer to an open descriptor, which stays the caller's.
    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// Adds octets as they are.
    /// - Throws: `FrontEndError` when the buffer is full and cannot be written.
    package func write(_ octets: some Collection<UInt8>) throws(FrontEndError) {
        buffer.append(contentsOf: octets)
        if buffer.count >= FrontEndLimits.outputBufferMax { try flush() }
    }

    /// Adds a line that is clean already, with its LF.
    package func line(_ text: String) throws(FrontEndError) {
        try write(text.utf8)
        try write(CollectionOfOne(ASCII.lf))
    }

    /// Writes what was collected.
    package func flush() throws(FrontEndError) {
        var rest = buffer[...]
        buffer = []
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw .system("write", errno: errno)
            }
        }
    }
}
