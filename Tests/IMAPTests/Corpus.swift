// Where the test data that is not ours lies: response lines from real servers and other projects'
// tests, each with what independent parsers make of it. Tests that need it are skipped without it.

import Foundation

/// The corpora beside the project, or where MAILBROKER_CORPORA says.
enum Corpus {
    /// One response line.
    struct Record: Decodable {
        let id: String?
        let what: String?
        let bytes_b64: String?
        let strength: String?
        let expected: Expected?

        /// The octets of the line with its line end; nil for a record of another kind.
        var octets: [UInt8]? {
            bytes_b64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
        }

        /// Whether at least two independent parsers read the same.
        var isFirm: Bool { strength == "three-parsers" || strength == "two-parsers" }
    }

    /// What independent parsers make of a line.
    struct Expected: Decodable {
        let tree: Tree?
        let status: Status?
    }

    /// A condition as other parsers read it.
    struct Status: Decodable {
        let tag: String
        let status: String
        let text: String?
    }

    /// Nested lists of strings; NIL is null.
    indirect enum Tree: Codable, Equatable, CustomStringConvertible {
        case null
        case text(String)
        case octets([UInt8])
        case list([Tree])

        private struct Octets: Codable { let b64: String }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let list = try? container.decode([Tree].self) {
                self = .list(list)
            } else {
                let octets = try container.decode(Octets.self)
                self = .octets(Data(base64Encoded: octets.b64).map { [UInt8]($0) } ?? [])
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .text(let text): try container.encode(text)
            case .octets(let octets):
                try container.encode(Octets(b64: Data(octets).base64EncodedString()))
            case .list(let list): try container.encode(list)
            }
        }

        var description: String {
            switch self {
            case .null: "NIL"
            case .text(let text): "<\(text)>"
            case .octets(let octets): "\(octets)"
            case .list(let list): "(" + list.map(\.description).joined(separator: " ") + ")"
            }
        }
    }

    private struct Set: Decodable { let records: [Record] }

    /// The folder; nil where there is none.
    static let root: String? = {
        let named = ProcessInfo.processInfo.environment["MAILBROKER_CORPORA"]
        let candidates = [
            named, FileManager.default.currentDirectoryPath + "/../shared/corpora",
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
                + "/../../../shared/corpora",
        ]
        return candidates.compactMap { $0 }.first {
            FileManager.default.fileExists(atPath: $0 + "/imap")
        }
    }()

    /// Every response line of a file below `imap/`.
    static func records(_ name: String) throws -> [Record] {
        let path = (root ?? "") + "/imap/" + name
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return try JSONDecoder().decode(Set.self, from: data).records
    }

    /// The files with response lines.
    static let files = [
        "dovecot-live-fetch.json", "dovecot-live.json", "emailjs-imap-handler.json",
        "imap-codec.json", "imap-proto.json", "imap-tools.json", "imapclient.json", "imapflow.json",
        "mailcore2.json", "mailkit.json", "mox.json", "swift-nio-imap.json", "weird-servers.json",
    ]
}
