// Facts about files being saved.

import Foundation
import MailModel
import Testing

@testable import FrontEnd

@Suite struct SavedFileTests {
    private static func save(
        _ name: String,
        _ octets: [UInt8] = [1],
        in directory: SaveDirectory
    ) throws -> String {
        let file = try directory.newFile()
        try file.write(octets)
        return try file.commit(name: FileName.safe(name))
    }

    @Test(
        "a name that exists becomes name (1).ext and nothing is overwritten",
        arguments: [true, false]
    )
    func numbered(canBeUnnamed: Bool) throws {
        let scratch = ScratchDirectory()
        let place = try SaveDirectory(path: scratch.path, canBeUnnamed: canBeUnnamed)
        for octet in UInt8(1)...3 { _ = try Self.save("a.tar.gz", [octet], in: place) }
        for octet in UInt8(1)...2 { _ = try Self.save("bare", [octet], in: place) }
        #expect(scratch.names == ["a.tar (1).gz", "a.tar (2).gz", "a.tar.gz", "bare", "bare (1)"])
        #expect(scratch.octets("a.tar.gz") == [1])
        #expect(scratch.octets("a.tar (1).gz") == [2])
        #expect(scratch.octets("a.tar (2).gz") == [3])
    }

    @Test("a name of 249 octets still takes its number")
    func longest() throws {
        let scratch = ScratchDirectory()
        let place = try SaveDirectory(path: scratch.path)
        let name = String(repeating: "x", count: 300) + ".pdf"
        #expect(try Self.save(name, in: place).utf8.count == 249)
        #expect(try Self.save(name, in: place).utf8.count == 253)
    }

    @Test("after 999 numbers a file is given up, not overwritten")
    func bounded() throws {
        let scratch = ScratchDirectory()
        for number in 0...999 {
            _ = scratch.write(SavedFile.numbered("a.txt", number), [0])
        }
        let place = try SaveDirectory(path: scratch.path)
        #expect(throws: FrontEndError.self) { _ = try Self.save("a.txt", in: place) }
        #expect(scratch.names.count == 1000)
        #expect(scratch.octets("a (999).txt") == [0])
    }

    @Test("nothing is there under any name before it is complete", arguments: [true, false])
    func incomplete(canBeUnnamed: Bool) throws {
        let scratch = ScratchDirectory()
        let place = try SaveDirectory(path: scratch.path, canBeUnnamed: canBeUnnamed)
        do {
            let file = try place.newFile()
            try file.write([1, 2, 3])
            let visible = scratch.names.filter { !$0.utf8.starts(with: ".".utf8) }
            #expect(visible.isEmpty)
            #expect(file.size == 3)
        }
        #expect(scratch.names.isEmpty)
    }

    @Test("files are 0600 whatever the umask", arguments: [mode_t(0), 0o022, 0o077])
    func mode(mask: mode_t) throws {
        let scratch = ScratchDirectory()
        let place = try SaveDirectory(path: scratch.path)
        let before = umask(mask)
        defer { umask(before) }
        let name = try Self.save("a", in: place)
        var status = stat()
        #expect(lstat("\(scratch.path)/\(name)", &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
    }

    @Test("a link, a FIFO and a directory of that name are left alone", arguments: [true, false])
    func occupied(canBeUnnamed: Bool) throws {
        let scratch = ScratchDirectory()
        let outside = ScratchDirectory()
        let victim = outside.write("victim", [9])
        #expect(symlink(victim, "\(scratch.path)/live") == 0)
        #expect(symlink("\(outside.path)/dangling", "\(scratch.path)/dead") == 0)
        #expect(link(victim, "\(scratch.path)/hard") == 0)
        #expect(mkfifo("\(scratch.path)/fifo", 0o600) == 0)
        #expect(mkdir("\(scratch.path)/dir", 0o700) == 0)
        let place = try SaveDirectory(path: scratch.path, canBeUnnamed: canBeUnnamed)
        for name in ["live", "dead", "hard", "fifo", "dir"] {
            #expect(try Self.save(name, [7], in: place) == "\(name) (1)")
        }
        #expect(outside.names == ["victim"])
        #expect(outside.octets("victim") == [9])
    }

    /// reliability.md C29.
    private static let hostile = [
        "../../.bashrc", "/etc/passwd", "..\\..\\x", ".bashrc", "-rf", "~", "`", "$(x)", "a\0.png",
        "%2e%2e%2f", "", ".", "..", String(repeating: "n", count: 300), "CON", "dot.", "space ",
        "a\nb", "\u{1B}[2J", "../\u{301}x", ".\u{301}bashrc", "invoice\u{202E}fdp.exe", "a/b/..",
        "日本語.pdf", "with space.txt", "quo\"te'.txt", "../../x",
    ]

    @Test("every hostile name stays in the directory", arguments: [true, false])
    func contained(canBeUnnamed: Bool) throws {
        let scratch = ScratchDirectory()
        _ = scratch.write("canary", [9])
        let inner = "\(scratch.path)/a/b"
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        let place = try SaveDirectory(path: inner, canBeUnnamed: canBeUnnamed)
        for name in Self.hostile { _ = try Self.save(name, [7], in: place) }
        #expect(scratch.names == ["a", "canary"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/a") == ["b"])
        let names = try FileManager.default.contentsOfDirectory(atPath: inner)
        #expect(names.count == Self.hostile.count)
        for name in names {
            #expect(name.utf8.first != UInt8(ascii: ".") && name.utf8.first != UInt8(ascii: "-"))
            #expect(!name.utf8.contains { $0 < 0x20 || $0 == 0x7F } && name.utf8.count <= 255)
        }
    }

    @Test(
        "a name that is no bare name is refused even from within",
        arguments: ["a/b", "..", ".", "", "a\0b"]
    )
    func bareNames(name: String) throws {
        let scratch = ScratchDirectory()
        let file = try SaveDirectory(path: scratch.path).newFile()
        #expect(throws: FrontEndError.self) { _ = try file.commit(name: name) }
        #expect(scratch.names.isEmpty)
    }

    @Test("a directory swapped for a link gets nothing; the opened one does")
    func swapped() throws {
        let scratch = ScratchDirectory()
        let outside = ScratchDirectory()
        let path = "\(scratch.path)/in"
        #expect(mkdir(path, 0o700) == 0)
        let place = try SaveDirectory(path: path)
        #expect(rename(path, "\(scratch.path)/moved") == 0)
        #expect(symlink(outside.path, path) == 0)
        _ = try Self.save("a", in: place)
        #expect(outside.names.isEmpty)
        #expect(FileManager.default.fileExists(atPath: "\(scratch.path)/moved/a"))
    }

    @Test("a directory that is not there is said so with status 66")
    func missing() {
        #expect(throws: FrontEndError.notFound("/nonexistent: no such directory")) {
            _ = try SaveDirectory(path: "/nonexistent")
        }
    }
}
