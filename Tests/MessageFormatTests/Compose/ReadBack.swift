// Composed messages put together and read by an independent program: the email package of CPython.

import Foundation
import Testing

@testable import MessageFormat

/// Reads messages with /usr/bin/python3.
enum ReadBack {
    static let isAvailable = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
    static let missing: Comment = "/usr/bin/python3 not found"

    /// What the reader says of one message.
    struct Message: Decodable {
        struct Part: Decodable {
            let type: String
            let name: String?
            let disposition: String?
            let sha256: String
            let size: Int
            let text: String?
        }
        let headers: [String: [String]]
        let addresses: [String: [[String]]]
        let parts: [Part]
        let defects: Int
    }

    private static let script = """
        import sys, json, hashlib, email, email.policy
        raw = sys.stdin.buffer.read()
        m = email.message_from_bytes(raw, policy=email.policy.default)
        from email.header import decode_header, make_header
        from email.utils import getaddresses
        h, a = {}, {}
        for k, v in m.items(): h.setdefault(k.lower(), []).append(str(v))
        # The older reader: the newer one leaves the blank between two encoded words of a name.
        for k, v in email.message_from_bytes(raw).items():
            if k.lower() in ('from', 'to', 'cc', 'bcc', 'reply-to'):
                a[k.lower()] = [[str(make_header(decode_header(n))), s]
                    for n, s in getaddresses([v])]
        parts, defects = [], len(m.defects)
        for p in m.walk():
            defects += len(p.defects)
            if p.is_multipart(): continue
            d = p.get_payload(decode=True)
            t = None
            if p.get_content_type() == 'text/plain' and not p.get_filename(): t = p.get_content()
            parts.append(dict(type=p.get_content_type(), name=p.get_filename(),
                disposition=p.get_content_disposition(), text=t, size=len(d),
                sha256=hashlib.sha256(d).hexdigest()))
        json.dump(dict(headers=h, addresses=a, parts=parts, defects=defects), sys.stdout)
        """

    static func read(_ octets: [UInt8]) throws -> Message {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        // Python reads to the end before it writes, so this order cannot block.
        input.fileHandleForWriting.write(Data(octets))
        try input.fileHandleForWriting.close()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Message.self, from: answer)
    }

    /// The SHA-256 of octets as hexadecimal, by the reader's own library.
    static func sha256(_ octets: [UInt8]) throws -> String {
        let head = Array(
            "Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n".utf8
        )
        let body = Array(Data(octets).base64EncodedString(options: .lineLength76Characters).utf8)
        return try read(head + body).parts[0].sha256
    }

    /// The octets of a composed message, its attachments fed in uneven chunks.
    static func assemble(
        _ composer: MessageComposer,
        contents: [[UInt8]] = [],
        withBcc: Bool = false
    ) -> [UInt8] {
        var octets = composer.header(withBcc: withBcc)
        for segment in composer.segments {
            switch segment {
            case .octets(let frame):
                octets += frame
            case .attachment(let index):
                var encoder = composer.encoder(forAttachment: index)
                var rest = contents[index][...]
                var size = 1
                while !rest.isEmpty {
                    octets += encoder.encode(Array(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                    size = size * 3 % 1_009 + 1
                }
                octets += encoder.finish()
            }
        }
        return octets
    }

    /// The first rule of the wire that octets break; nil for none.
    static func wireFault(_ octets: [UInt8]) -> String? {
        var column = 0
        for (index, octet) in octets.enumerated() {
            if octet == 0x0A, index == 0 || octets[index - 1] != 0x0D {
                return "bare LF at \(index)"
            }
            if octet == 0x0D, index + 1 == octets.count || octets[index + 1] != 0x0A {
                return "bare CR at \(index)"
            }
            if octet == 0 || octet >= 0x80 { return "octet \(octet) at \(index)" }
            column = octet == 0x0A ? 0 : column + 1
            if column > 999 { return "long line at \(index)" }
        }
        return octets.isEmpty || octets.last == 0x0A ? nil : "no line end at the end"
    }
}
