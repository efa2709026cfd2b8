// Facts about files on their way out.

import Foundation
import Testing

@testable import FrontEnd

@Suite struct OutgoingFileTests {
    private static func all(_ file: OutgoingFile) throws -> [UInt8] {
        var octets: [UInt8] = []
        while true {
            let chunk = try file.read(1000)
            if chunk.isEmpty { return octets }
            octets += chunk
        }
    }

    @Test("a file is read whole, in pieces", arguments: [0, 1, 999, 1000, 1001, 5000])
    func whole(size: Int) throws {
        let scratch = ScratchDirectory()
        let octets = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let file = try OutgoingFile(path: scratch.write("a b.txt", octets))
        #expect(file.name == "a b.txt")
        #expect(file.size == Int64(size))
        #expect(try Self.all(file) == octets)
    }

    @Test("a file that shrinks or grows while it is read is an error", arguments: [500, 5000])
    func changed(size: off_t) throws {
        let scratch = ScratchDirectory()
        let path = scratch.write("a", Array(repeating: 1, count: 3000))
        let file = try OutgoingFile(path: path)
        _ = try file.read(1000)
        #expect(truncate(path, size) == 0)
        #expect(throws: FrontEndError.self) { _ = try Self.all(file) }
    }

    @Test("an empty file that grows is an error")
    func grewFromNothing() throws {
        let scratch = ScratchDirectory()
        let path = scratch.write("a", [])
        let file = try OutgoingFile(path: path)
        #expect(truncate(path, 1) == 0)
        #expect(throws: FrontEndError.self) { _ = try file.read(1000) }
    }

    @Test("only regular files go out, and a FIFO does not hang")
    func irregular() throws {
        let scratch = ScratchDirectory()
        #expect(mkfifo("\(scratch.path)/fifo", 0o600) == 0)
        for path in ["\(scratch.path)/fifo", scratch.path, "/dev/null"] {
            let error = #expect(throws: FrontEndError.self) { _ = try OutgoingFile(path: path) }
            #expect(error?.status == .badData)
        }
        let error = #expect(throws: FrontEndError.self) {
            _ = try OutgoingFile(path: "\(scratch.path)/none")
        }
        #expect(error?.status == .noInput)
    }

    @Test(
        "the name is what follows the last slash",
        arguments: [("a", "a"), ("/x/y/z.pdf", "z.pdf"), ("../x", "x"), ("./a/", "a"), ("/", "")]
    )
    func baseName(path: String, name: String) {
        #expect(OutgoingFile.baseName(path) == name)
    }
}
