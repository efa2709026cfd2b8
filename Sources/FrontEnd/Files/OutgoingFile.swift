// A file that goes out as an attachment or a body: opened once, measured once, read in pieces. It
// must be the same file at the end as at the beginning, or nothing is sent.

import BrokerProtocol
import Glibc

/// A regular file that is being sent.
final class OutgoingFile {
    /// The name the recipient sees: the last component of the path.
    let name: String
    /// Octets, fixed when it was opened.
    let size: Int64

    private let path: String
    private let field: String
    private let descriptor: Int32
    private var rest: Int64

    /// Opens a regular file; `field` is the option that named it, for errors.
    /// - Throws: `FrontEndError` that names the path.
    init(path: String, field: String = "attach") throws(FrontEndError) {
        // O_NONBLOCK: a FIFO must not hang the program; it is refused below.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let number = errno
            guard number == ENOENT || number == ENOTDIR else {
                throw .system(path, errno: number)
            }
            throw .notFound("\(path): no such file")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let number = errno
            close(descriptor)
            throw .system(path, errno: number)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .badData("\(path): not a regular file", field: field)
        }
        self.path = path
        self.field = field
        self.descriptor = descriptor
        name = Self.baseName(path)
        size = Int64(status.st_size)
        rest = size
    }

    deinit { close(descriptor) }

    /// The next octets, at most `max`; none at the end.
    /// - Throws: `FrontEndError` when the file is not as long as it was.
    func read(_ max: Int) throws(FrontEndError) -> [UInt8] {
        let wanted = Int(clamping: Swift.min(rest, Int64(max)))
        // One octet more than is left at the end tells a file that grew.
        let octets = try readOnce(Swift.max(wanted, 1))
        guard wanted > 0 else {
            guard octets.isEmpty else { throw changed("grew") }
            return []
        }
        guard !octets.isEmpty else { throw changed("shrank") }
        rest -= Int64(octets.count)
        return octets
    }

    private func readOnce(_ count: Int) throws(FrontEndError) -> [UInt8] {
        try FileReading.read(descriptor, atMost: count, path)
    }

    private func changed(_ how: String) -> FrontEndError {
        .badData("\(path): the file \(how) while it was read; nothing was sent", field: field)
    }

    /// What follows the last slash.
    static func baseName(_ path: String) -> String {
        String(decoding: path.utf8.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
    }
}

/// Reading of descriptors.
enum FileReading {
    /// What one read(2) gives, at most `count` octets; none at the end.
    static func read(
        _ descriptor: Int32,
        atMost count: Int,
        _ name: String
    ) throws(FrontEndError) -> [UInt8] {
        var failure: Int32 = 0
        let octets = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while true {
                let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if got >= 0 {
                    initialized = got
                    return
                }
                guard errno == EINTR else {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw .system(name, errno: failure) }
        return octets
    }
}
