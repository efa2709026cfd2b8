// Whole messages from files, as gmime-measure.c beside it does the same with GMime.

import Glibc
import MailModel
import MessageFormat

/// The files named on standard input.
enum InputList {
    static func paths() -> [String] {
        var paths: [String] = []
        while let line = readLine() { paths.append(line) }
        return paths
    }

    /// The octets of a file; none where it cannot be read.
    static func octets(of path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return [] }
        let size = Int(status.st_size)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = max(0, read(file, buffer.baseAddress, size))
        }
    }
}

/// Parsing and decoding.
enum Reading {
    static func run(isDecoding: Bool) {
        let paths = InputList.paths()
        var counts = (messages: 0, parts: 0, names: 0, octets: 0, decoded: 0, fields: 0)
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            for path in paths {
                let octets = InputList.octets(of: path)
                let tree = MessageTree(parsing: octets)
                counts.messages += 1
                counts.octets += octets.count
                counts.parts += tree.parts.count
                let header = tree.header
                counts.fields += header.subject?.utf8.count ?? 0
                counts.fields += header.messageID?.utf8.count ?? 0
                counts.fields += header.date == nil ? 0 : 1
                counts.fields += header.addresses("from").count
                for index in tree.parts.indices {
                    if tree.fileName(of: index) != nil { counts.names += 1 }
                    if isDecoding, tree.parts[index].kind == .leaf {
                        counts.decoded += tree.content(of: index).count
                    }
                }
            }
        }
        let seconds = Double(elapsed.components.attoseconds) / 1e18
            + Double(elapsed.components.seconds)
        print(
            "\(counts.messages) messages \(counts.parts) parts \(counts.names) names "
                + "\(counts.decoded) decoded "
                + "\(Int(Double(counts.octets) / 1e6 / seconds + 0.5)) MB/s"
        )
        if counts.fields < 0 { exit(1) }
    }
}

/// The base64 decoder in pieces of a download's size.
enum Base64Speed {
    static func run(_ path: String) {
        let octets = InputList.octets(of: path)
        var best = Duration.seconds(1_000)
        var count = 0
        for _ in 0..<5 {
            count = 0
            let elapsed = ContinuousClock().measure {
                var decoder = TransferDecoder(encoding: "base64")
                var index = 0
                while index < octets.count {
                    let end = min(index + 262_144, octets.count)
                    count += decoder.decode(octets[index..<end]).count
                    index = end
                }
                count += decoder.finish().count
            }
            best = min(best, elapsed)
        }
        let seconds = Double(best.components.attoseconds) / 1e18 + Double(best.components.seconds)
        print("\(count) decoded \(Int(Double(octets.count) / 1e6 / seconds + 0.5)) MB/s")
    }
}
