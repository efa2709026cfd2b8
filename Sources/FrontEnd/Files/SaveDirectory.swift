// The directory attachments are saved in. Opened once; files are made relative to it, under bare
// names, so that nothing a sender or another process does leads outside (reliability.md F01-F04,
// F11).

import CPlatform
import Glibc

/// An open directory that gets new files.
package final class SaveDirectory {
    /// The path as given, for what is told.
    package let path: String
    fileprivate let descriptor: Int32
    /// Whether files get a name only when they are complete; off where the file system cannot.
    private var canBeUnnamed: Bool

    /// Opens a directory that exists.
    /// - Parameters:
    ///   - path: the directory.
    ///   - canBeUnnamed: false to always write under a `.part` name.
    /// - Throws: `FrontEndError` that names the path.
    package init(path: String, canBeUnnamed: Bool = true) throws(FrontEndError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let number = errno
            guard number == ENOENT || number == ENOTDIR else {
                throw .system(path, errno: number)
            }
            throw .notFound("\(path): no such directory")
        }
        self.path = path
        self.descriptor = descriptor
        self.canBeUnnamed = canBeUnnamed
    }

    deinit { close(descriptor) }

    /// Begins a new file that has no name yet, or one that ends in `.part`.
    package func newFile() throws(FrontEndError) -> SavedFile {
        if canBeUnnamed {
            let file = mb_open_unnamed(descriptor)
            if file >= 0 { return SavedFile(self, descriptor: file, partName: nil) }
            canBeUnnamed = false
        }
        for number in 0..<FrontEndLimits.nameTriesMax {
            let name = ".mb-fetch-\(getpid())-\(number).part"
            let file = mb_create_beneath(descriptor, name)
            if file >= 0 { return SavedFile(self, descriptor: file, partName: name) }
            guard errno == EEXIST else { throw .system(path, errno: errno) }
        }
        throw .system(path, errno: EEXIST)
    }
}

/// A file that is being written and is not there for others until it is complete.
package final class SavedFile {
    /// Octets written so far.
    package private(set) var size: Int64 = 0

    private let directory: SaveDirectory
    private let descriptor: Int32
    private var partName: String?

    fileprivate init(_ directory: SaveDirectory, descriptor: Int32, partName: String?) {
        self.directory = directory
        self.descriptor = descriptor
        self.partName = partName
        fchmod(descriptor, 0o600)  // whatever the umask
    }

    /// Without `commit` nothing remains.
    deinit {
        if let partName { unlinkat(directory.descriptor, partName, 0) }
        close(descriptor)
    }

    /// Adds octets at the end.
    package func write(_ octets: [UInt8]) throws(FrontEndError) {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw .system(directory.path, errno: errno)
            }
        }
        size += Int64(octets.count)
    }

    /// Gives the complete file a name that is free: `name`, or `name (1)` and so on.
    ///
    /// `name` is a bare name; `origin` is noted as the place it came from; without `isNumbered` no
    /// other name than `name` is taken. Gives the name it has. Throws `FrontEndError`, after which
    /// the file has no name.
    package func commit(
        name: String,
        origin: String? = nil,
        isNumbered: Bool = true
    ) throws(FrontEndError) -> String {
        guard Self.isBareName(name) else {
            throw .badData("a file cannot be named \(name)", field: "name")
        }
        if let origin { mb_mark_origin(descriptor, origin) }
        guard fsync(descriptor) == 0 else { throw .system(directory.path, errno: errno) }
        for number in 0...(isNumbered ? FrontEndLimits.nameTriesMax : 0) {
            let candidate = Self.numbered(name, number)
            if try take(candidate) {
                fsync(directory.descriptor)
                return candidate
            }
        }
        throw .system("\(directory.path)/\(name)", errno: EEXIST)
    }

    /// Takes a name unless it is taken by anything at all.
    private func take(_ name: String) throws(FrontEndError) -> Bool {
        guard let partName else {
            if mb_link_unnamed(descriptor, directory.descriptor, name) == 0 { return true }
            guard errno == EEXIST else { throw .system(name, errno: errno) }
            return false
        }
        let place = directory.descriptor
        var isTaken = linkat(place, partName, place, name, 0) == 0
        if isTaken {
            unlinkat(place, partName, 0)
        } else if errno != EEXIST {  // a file system without hard links
            isTaken = mb_rename_no_replace(place, partName, name) == 0
        }
        if isTaken {
            self.partName = nil
            return true
        }
        guard errno == EEXIST else { throw .system(name, errno: errno) }
        return false
    }

    /// Whether a name is one component that stays in its directory.
    private static func isBareName(_ name: String) -> Bool {
        let octets = Array(name.utf8)
        guard !octets.isEmpty, octets.count <= 255 else { return false }
        guard !octets.elementsEqual(".".utf8), !octets.elementsEqual("..".utf8) else {
            return false
        }
        return !octets.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    }

    /// `name (2).ext` for 2; the name itself for 0.
    static func numbered(_ name: String, _ number: Int) -> String {
        guard number > 0 else { return name }
        let octets = Array(name.utf8)
        let dot = octets.lastIndex(of: UInt8(ascii: ".")).flatMap { $0 > 0 ? $0 : nil }
        let split = dot ?? octets.count
        return String(decoding: octets[..<split], as: UTF8.self) + " (\(number))"
            + String(decoding: octets[split...], as: UTF8.self)
    }
}
