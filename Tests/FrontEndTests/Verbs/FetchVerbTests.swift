// Facts about fetching attachments.

import BrokerProtocol
import Foundation
import Testing

@testable import FrontEnd

@Suite struct FetchVerbTests {
    private static let octets = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private static func part(_ number: String, _ name: String?, _ size: Int) -> PartInfo {
        PartInfo(
            part: number,
            type: "application/pdf",
            name: name,
            size: Int64(size),
            disposition: "attachment",
            attachment: true
        )
    }

    /// Message 1 has two attachments of one name and a hostile one; 2 has none; 3 is not there.
    private static func broker(says size: Int64? = nil) throws -> FakeBroker {
        try FakeBroker { request, connection in
            if request.method == MessageParts.name {
                let id = try request.params(MessageParts.Params.self).id
                guard id < 3 else {
                    try connection.fail(request, BrokerError(.messageNotFound, "no message \(id)"))
                    return
                }
                let text = PartInfo(
                    part: "1",
                    type: "text/plain",
                    name: nil,
                    size: 5,
                    disposition: nil,
                    attachment: false
                )
                let attached = [
                    part("2", "a.pdf", 600_000), part("3", "a.pdf", 0),
                    part("4", "../../x\u{202E}", 1),
                    part("5", nil, 1),
                ]
                let parts = id == 1 ? [text] + attached : [text]
                try connection.reply(request, MessageParts.Result(id: id, parts: parts))
                return
            }
            let params = try request.params(PartFetch.Params.self)
            let content =
                params.part == "2" ? octets : params.part == "3" ? [] : Array(params.part.utf8)
            for start in stride(from: 0, to: content.count, by: 262_144) {
                let chunk = Array(content[start..<min(start + 262_144, content.count)])
                try connection.octets(params.stream, chunk)
            }
            let sent = size ?? Int64(content.count)
            try connection.reply(request, OctetsSummary(size: sent, sha256: "ab\(params.part)"))
        }
    }

    @Test("all attachments of a message land in the directory under safe, free names")
    func all() throws {
        let broker = try Self.broker()
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("fetch", "1", "-d", scratch.path, "--sha256") == 0)
        #expect(scratch.names == ["a (1).pdf", "a.pdf", "attachment.pdf", "x"])
        #expect(scratch.octets("a.pdf") == Self.octets)
        #expect(scratch.octets("a (1).pdf") == [])
        #expect(
            captured.out.text == """
                ab2  \(scratch.path)/a.pdf
                ab3  \(scratch.path)/a (1).pdf
                ab4  \(scratch.path)/x
                ab5  \(scratch.path)/attachment.pdf

                """
        )
    }

    @Test("one part may be chosen, one that is no attachment too")
    func chosen() throws {
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("fetch", "1:3", "1:1", "-d", scratch.path) == 0)
        #expect(scratch.names == ["a.pdf", "attachment.txt"])
        #expect(captured.run("fetch", "1:9", "-d", scratch.path) == 66)
    }

    @Test("a message without attachments is said so and exits 66 when nothing came")
    func none() throws {
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("fetch", "2", "-d", scratch.path) == 66)
        #expect(captured.err.text == "mb: message 2 has no attachments\n")
        #expect(captured.run("fetch", "2", "1:3", "-d", scratch.path) == 0)
    }

    @Test("a message that fails does not keep the others from coming")
    func partly() throws {
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("fetch", "3", "1:3", "-d", scratch.path) == 66)
        #expect(captured.err.text == "mb: 3: no message 3\n")
        #expect(scratch.names == ["a.pdf"])
    }

    @Test("octets that did not all come leave no file")
    func short() throws {
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: try Self.broker(says: 600_001).path)
        #expect(captured.run("fetch", "1:2", "-d", scratch.path) == 76)
        #expect(scratch.names.isEmpty)
    }

    @Test("-o - writes the octets of one part and nothing else")
    func standardOutput() throws {
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("fetch", "1:2", "-o", "-") == 0)
        #expect(captured.out.octets == Self.octets)
        #expect(captured.run("fetch", "1", "-o", "-") == 64)
        #expect(captured.run("fetch", "2", "-o", "-") == 66)
    }

    @Test("-o FILE takes that name and no other, and never overwrites")
    func outputFile() throws {
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("fetch", "1:4", "-o", "\(scratch.path)/.mine") == 0)
        #expect(scratch.octets(".mine") == [UInt8(ascii: "4")])
        #expect(captured.run("fetch", "1:5", "-o", "\(scratch.path)/.mine") == 74)
        #expect(scratch.octets(".mine") == [UInt8(ascii: "4")])
    }

    @Test("JSON lists what was saved")
    func json() throws {
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("--json", "fetch", "1:3", "-d", scratch.path) == 0)
        #expect(
            captured.out.text == """
                {"schema":"mb.fetch/1","files":[{"id":1,"name":"a.pdf","part":"3",\
                "path":"\(scratch.path)/a.pdf","sha256":"ab3","size":0,"type":"application/pdf"}]}

                """
        )
    }

    @Test("a directory that is not there exits 66")
    func noDirectory() throws {
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("fetch", "1", "-d", "/nonexistent") == 66)
    }

    @Test("mb-fetch takes the same arguments")
    func program() throws {
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: try Self.broker().path)
        let arguments = ["1:4", "-d", scratch.path]
        #expect(
            Program.run(FetchProgram.self, arguments: arguments, session: captured.session) == 0
        )
        #expect(scratch.names == ["x"])
    }
}
